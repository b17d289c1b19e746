package pki

import (
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"terraform.local/s3www/cluster/internal/config"
)

// FrontProxyName is the name by which aggregated servers know the API server.
const FrontProxyName = "front-proxy-client"

// client is one identity of the cluster's own and where its kubeconfig goes.
type client struct {
	file    string
	request Request
}

// Provision writes every key, certificate and kubeconfig of a new cluster:
// the keys into `pki`, the kubeconfigs of the parts into `kubeconfigs`, the
// administrator's to its own place.
func Provision(cluster config.Config) error {
	folder := cluster.Path("pki")
	for _, path := range []string{folder, cluster.Path("kubeconfigs")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
	}
	authority, err := NewAuthority("s3www local cluster " + cluster.Name)
	if err != nil {
		return err
	}
	if err := authority.Pair().Write(folder, "ca"); err != nil {
		return err
	}
	if err := writeServingPairs(authority, cluster, folder); err != nil {
		return err
	}
	if err := writeKubeletPairs(authority, cluster); err != nil {
		return err
	}
	if err := writeFrontProxy(folder); err != nil {
		return err
	}
	private, public, err := SigningKey()
	if err != nil {
		return err
	}
	if err := (Pair{Certificate: public, Key: private}).Write(folder, "service-accounts"); err != nil {
		return err
	}
	administrators := []string{"system:masters"}
	clients := []client{
		{cluster.Kubeconfig(), Request{CommonName: "administrator", Organizations: administrators}},
		{cluster.Path("kubeconfigs", "cluster"), Request{CommonName: "local-cluster", Organizations: administrators}},
		{cluster.Path("kubeconfigs", "coredns"), Request{CommonName: "coredns", Organizations: administrators}},
		{cluster.Path("kubeconfigs", "kube-controller-manager"), Request{CommonName: "system:kube-controller-manager"}},
		{cluster.Path("kubeconfigs", "kube-scheduler"), Request{CommonName: "system:kube-scheduler"}},
		{cluster.Path("kubeconfigs", "kube-proxy"), Request{CommonName: "system:kube-proxy"}},
	}
	for _, node := range cluster.Nodes {
		request := Request{CommonName: "system:node:" + node.Name, Organizations: []string{"system:nodes"}}
		clients = append(clients, client{node.Path("kubeconfigs", "kubelet"), request})
	}
	for _, client := range clients {
		pair, err := authority.Issue(client.request)
		if err != nil {
			return err
		}
		if err := writeKubeconfig(client.file, cluster, authority.Pair().Certificate, pair); err != nil {
			return err
		}
	}
	return nil
}

// writeServingPairs writes the API server's pair, and the client's pair with
// which it speaks to kubelets.
func writeServingPairs(authority *Authority, cluster config.Config, folder string) error {
	address := net.IP(cluster.ClusterIP.AsSlice())
	requests := map[string]Request{
		"kube-apiserver": {
			CommonName: "kube-apiserver",
			Names: []string{
				"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
				"kubernetes.default.svc." + config.ClusterDomain,
			},
			Addresses: []net.IP{address, net.ParseIP(config.APIServiceIP), net.IPv4(127, 0, 0, 1)},
		},
		"kubelet-client": {CommonName: "kube-apiserver", Organizations: []string{"system:masters"}},
	}
	for name, request := range requests {
		pair, err := authority.Issue(request)
		if err != nil {
			return err
		}
		if err := pair.Write(folder, name); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeletPairs writes the pair with which each kubelet serves.
func writeKubeletPairs(authority *Authority, cluster config.Config) error {
	for _, node := range cluster.Nodes {
		if err := os.MkdirAll(node.Path("pki"), 0o700); err != nil {
			return err
		}
		pair, err := authority.Issue(Request{
			CommonName: "system:node:" + node.Name,
			Names:      []string{node.Name},
			Addresses:  []net.IP{net.IP(node.Address.AsSlice()), net.IPv4(127, 0, 0, 1)},
		})
		if err != nil {
			return err
		}
		if err := pair.Write(node.Path("pki"), "kubelet"); err != nil {
			return err
		}
	}
	return nil
}

// writeFrontProxy writes the pair with which the API server speaks for users
// to aggregated servers. Its authority must be another one than the clients'.
func writeFrontProxy(folder string) error {
	authority, err := NewAuthority("front-proxy")
	if err != nil {
		return err
	}
	if err := authority.Pair().Write(folder, "front-proxy-ca"); err != nil {
		return err
	}
	pair, err := authority.Issue(Request{CommonName: FrontProxyName})
	if err != nil {
		return err
	}
	return pair.Write(folder, "front-proxy")
}

func writeKubeconfig(path string, cluster config.Config, authority []byte, pair Pair) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	name := "s3www-" + cluster.Name
	kubeconfig := api.NewConfig()
	kubeconfig.Clusters[name] = &api.Cluster{Server: cluster.APIServer(), CertificateAuthorityData: authority}
	kubeconfig.AuthInfos[name] = &api.AuthInfo{ClientCertificateData: pair.Certificate, ClientKeyData: pair.Key}
	kubeconfig.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name, Namespace: "default"}
	kubeconfig.CurrentContext = name
	return clientcmd.WriteToFile(*kubeconfig, path)
}
