package config

import (
	"strings"
	"testing"
)

func TestFromEnvironment(t *testing.T) {
	t.Setenv(nameVariable, "two")
	t.Setenv(subnetVariable, "10.99.7.9/24")
	t.Setenv(stateVariable, "/somewhere")
	got, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	if got.MachineIP.String() != "10.99.7.1" || got.ClusterIP.String() != "10.99.7.2" || got.Subnet.String() != "10.99.7.0/24" {
		t.Errorf("the addresses are %s and %s in %s", got.MachineIP, got.ClusterIP, got.Subnet)
	}
	if got.Kubeconfig() != "/somewhere/two/kubeconfig" || got.MachineLink() != "s3w-two" || got.Cgroup() != "s3www-cluster-two" {
		t.Errorf("the cluster is %+v", got)
	}
	if len(linkPrefix)+maxNameLength > 15 {
		t.Error("a device's name has at most 15 characters")
	}
}

func TestBadSettingsAreRefusedByName(t *testing.T) {
	for _, bad := range []struct{ variable, value string }{
		{nameVariable, "UPPER"}, {nameVariable, "../x"}, {nameVariable, "-x"}, {nameVariable, "much-too-long"},
		{subnetVariable, "10.0.0.0"}, {subnetVariable, "10.0.0.0/31"}, {subnetVariable, "fd00::/64"}, {subnetVariable, "x"},
	} {
		t.Run(bad.variable+"="+bad.value, func(t *testing.T) {
			t.Setenv(bad.variable, bad.value)
			_, err := FromEnvironment()
			if err == nil || !strings.Contains(err.Error(), bad.variable) || !strings.Contains(err.Error(), bad.value) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
