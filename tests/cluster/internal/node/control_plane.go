package node

import (
	"fmt"

	"terraform.local/s3www/cluster/internal/config"
	clusterpki "terraform.local/s3www/cluster/internal/pki"
)

const etcdURL = "http://127.0.0.1:2379"

// etcd is reached on the loopback device of the cluster's own network
// namespace only, so it needs no certificates.
func etcd(cluster config.Config) component {
	return component{
		node:    cluster.Nodes[0],
		name:    "etcd",
		program: "etcd",
		arguments: []string{
			"--data-dir=" + cluster.Path("etcd"),
			"--listen-client-urls=" + etcdURL,
			"--advertise-client-urls=" + etcdURL,
			"--listen-peer-urls=http://127.0.0.1:2380",
			// The data need not outlive the machine.
			"--unsafe-no-fsync",
		},
	}
}

func apiServer(cluster config.Config, kube string) component {
	pki := func(name string) string { return cluster.Path("pki", name) }
	return component{
		node:    cluster.Nodes[0],
		name:    "kube-apiserver",
		program: kube,
		arguments: []string{
			"--etcd-servers=" + etcdURL,
			"--bind-address=0.0.0.0",
			fmt.Sprintf("--secure-port=%d", config.APIServerPort),
			"--advertise-address=" + cluster.ClusterIP.String(),
			"--tls-cert-file=" + pki("kube-apiserver.crt"),
			"--tls-private-key-file=" + pki("kube-apiserver.key"),
			"--client-ca-file=" + pki("ca.crt"),
			"--kubelet-client-certificate=" + pki("kubelet-client.crt"),
			"--kubelet-client-key=" + pki("kubelet-client.key"),
			"--kubelet-certificate-authority=" + pki("ca.crt"),
			"--requestheader-client-ca-file=" + pki("front-proxy-ca.crt"),
			"--requestheader-allowed-names=" + clusterpki.FrontProxyName,
			"--requestheader-username-headers=X-Remote-User",
			"--requestheader-group-headers=X-Remote-Group",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-",
			"--proxy-client-cert-file=" + pki("front-proxy.crt"),
			"--proxy-client-key-file=" + pki("front-proxy.key"),
			// Without this, logs, exec and port-forward look the node's name
			// up in DNS.
			"--kubelet-preferred-address-types=InternalIP",
			"--service-account-issuer=https://kubernetes.default.svc." + config.ClusterDomain,
			"--service-account-key-file=" + pki("service-accounts.crt"),
			"--service-account-signing-key-file=" + pki("service-accounts.key"),
			"--service-cluster-ip-range=" + config.ServiceCIDR,
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--allow-privileged=true",
		},
	}
}

func controllerManager(cluster config.Config, kube string) component {
	kubeconfig := cluster.Path("kubeconfigs", "kube-controller-manager")
	return component{
		node:    cluster.Nodes[0],
		name:    "kube-controller-manager",
		program: kube,
		arguments: []string{
			"--kubeconfig=" + kubeconfig,
			"--authentication-kubeconfig=" + kubeconfig,
			"--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			"--leader-elect=false",
			"--use-service-account-credentials",
			"--service-account-private-key-file=" + cluster.Path("pki", "service-accounts.key"),
			"--root-ca-file=" + cluster.Path("pki", "ca.crt"),
			"--cluster-signing-cert-file=" + cluster.Path("pki", "ca.crt"),
			"--cluster-signing-key-file=" + cluster.Path("pki", "ca.key"),
			"--cluster-name=" + cluster.Name,
			"--cluster-cidr=" + config.ClusterCIDR,
			"--service-cluster-ip-range=" + config.ServiceCIDR,
			"--allocate-node-cidrs=true",
		},
	}
}

func scheduler(cluster config.Config, kube string) component {
	kubeconfig := cluster.Path("kubeconfigs", "kube-scheduler")
	return component{
		node:    cluster.Nodes[0],
		name:    "kube-scheduler",
		program: kube,
		arguments: []string{
			"--kubeconfig=" + kubeconfig,
			"--authentication-kubeconfig=" + kubeconfig,
			"--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			"--leader-elect=false",
		},
	}
}
