package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"terraform.local/s3www/cluster/internal/config"
)

func parse(t *testing.T, pair Pair) *x509.Certificate {
	t.Helper()
	loaded, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Leaf
}

func TestIssuedCertificatesAreForOneUseOnly(t *testing.T) {
	authority, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parse(t, authority.Pair()))
	server, err := authority.Issue(Request{CommonName: "server", Names: []string{"server.test"}, Addresses: []net.IP{net.IPv4(10, 1, 2, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := authority.Issue(Request{CommonName: "client", Organizations: []string{"group"}})
	if err != nil {
		t.Fatal(err)
	}
	verify := func(pair Pair, name string, usage x509.ExtKeyUsage) error {
		_, err := parse(t, pair).Verify(x509.VerifyOptions{Roots: roots, DNSName: name, KeyUsages: []x509.ExtKeyUsage{usage}})
		return err
	}
	for _, name := range []string{"server.test", "10.1.2.3"} {
		if err := verify(server, name, x509.ExtKeyUsageServerAuth); err != nil {
			t.Errorf("the server is not known as %s: %v", name, err)
		}
	}
	if verify(server, "other.test", x509.ExtKeyUsageServerAuth) == nil {
		t.Error("the server is known by another name")
	}
	if err := verify(client, "", x509.ExtKeyUsageClientAuth); err != nil {
		t.Errorf("the client is not known: %v", err)
	}
	if verify(client, "", x509.ExtKeyUsageServerAuth) == nil || verify(server, "", x509.ExtKeyUsageClientAuth) == nil {
		t.Error("a certificate is good for the other use")
	}
	other, err := NewAuthority("other")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := other.Issue(Request{CommonName: "client"})
	if err != nil {
		t.Fatal(err)
	}
	if verify(stranger, "", x509.ExtKeyUsageClientAuth) == nil {
		t.Error("another authority's client is known")
	}
}

func TestProvisionWritesWhatPartsNeed(t *testing.T) {
	t.Setenv("S3WWW_STATE_DIR", t.TempDir())
	t.Setenv("S3WWW_CLUSTER_SUBNET", "10.98.7.0/24")
	t.Setenv("S3WWW_CLUSTER_NODES", "2")
	cluster, err := config.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	if err := Provision(cluster); err != nil {
		t.Fatal(err)
	}
	settings, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	if settings.Host != "https://10.98.7.2:6443" {
		t.Errorf("the kubeconfig leads to %s", settings.Host)
	}
	info, err := os.Stat(cluster.Kubeconfig())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kubeconfig's mode is %v (%v)", info.Mode(), err)
	}
	pair, err := tls.LoadX509KeyPair(cluster.Path("pki", "kube-apiserver.crt"), cluster.Path("pki", "kube-apiserver.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"10.98.7.2", "10.96.0.1", "kubernetes.default.svc"} {
		if err := pair.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"ca.key", "front-proxy.key", "kubelet.key", "../nodes/node2/pki/kubelet.key", "kubelet-client.key", "service-accounts.key"} {
		info, err := os.Stat(cluster.Path("pki", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the mode of %s is %v (%v)", name, info, err)
		}
	}
}
