package node

import (
	"context"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/probe"
	"terraform.local/s3www/cluster/internal/provisioner"
)

const (
	dnsName = "kube-dns"
	dnsPort = 53
)

// createObjects makes what every cluster has: the DNS Service under its
// usual name and address, and a default storage class.
func createObjects(ctx context.Context, client probe.Client, cluster config.Config) error {
	service, slice := dnsObjects(cluster)
	_, err := client.CoreV1().Services(service.Namespace).Create(ctx, service, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	_, err = client.DiscoveryV1().EndpointSlices(slice.Namespace).Create(ctx, slice, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	for _, class := range storageClasses() {
		_, err = client.StorageV1().StorageClasses().Create(ctx, class, meta.CreateOptions{})
		if err != nil && !errors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// dnsObjects returns the Service and where it leads: the DNS server is no
// pod, so no selector can find it.
func dnsObjects(cluster config.Config) (*core.Service, *discovery.EndpointSlice) {
	udp, tcp, port := core.ProtocolUDP, core.ProtocolTCP, int32(dnsPort)
	names := map[core.Protocol]string{udp: "dns", tcp: "dns-tcp"}
	service := &core.Service{
		ObjectMeta: meta.ObjectMeta{
			Name: dnsName, Namespace: meta.NamespaceSystem,
			Labels: map[string]string{"k8s-app": dnsName, "kubernetes.io/name": "CoreDNS"},
		},
		Spec: core.ServiceSpec{ClusterIP: config.DNSServiceIP},
	}
	slice := &discovery.EndpointSlice{
		ObjectMeta: meta.ObjectMeta{
			Name: dnsName + "-" + cluster.Nodes[0].Name, Namespace: meta.NamespaceSystem,
			Labels: map[string]string{discovery.LabelServiceName: dnsName, discovery.LabelManagedBy: provisioner.ManagedBy},
		},
		AddressType: discovery.AddressTypeIPv4,
		Endpoints:   []discovery.Endpoint{{Addresses: []string{cluster.ClusterIP.String()}}},
	}
	for _, protocol := range []core.Protocol{udp, tcp} {
		name := names[protocol]
		service.Spec.Ports = append(service.Spec.Ports, core.ServicePort{
			Name: name, Protocol: protocol, Port: port, TargetPort: intstr.FromInt32(port),
		})
		slice.Ports = append(slice.Ports, discovery.EndpointPort{Name: &name, Protocol: &protocol, Port: &port})
	}
	return service, slice
}

// storageClasses returns the default class, which waits for a pod as most
// clusters' do, and one that does not.
func storageClasses() []*storage.StorageClass {
	late, now := storage.VolumeBindingWaitForFirstConsumer, storage.VolumeBindingImmediate
	reclaim := core.PersistentVolumeReclaimDelete
	return []*storage.StorageClass{
		{
			ObjectMeta: meta.ObjectMeta{
				Name:        "standard",
				Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
			},
			Provisioner: provisioner.Name, ReclaimPolicy: &reclaim, VolumeBindingMode: &late,
		},
		{
			ObjectMeta:  meta.ObjectMeta{Name: "standard-immediate"},
			Provisioner: provisioner.Name, ReclaimPolicy: &reclaim, VolumeBindingMode: &now,
		},
	}
}
