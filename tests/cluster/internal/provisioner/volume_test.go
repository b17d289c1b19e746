package provisioner

import (
	"testing"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNewVolumeIsMadeForOneClaim(t *testing.T) {
	class := "standard"
	claim := &core.PersistentVolumeClaim{
		ObjectMeta: meta.ObjectMeta{Name: "data", Namespace: "web", UID: "1234"},
		Spec: core.PersistentVolumeClaimSpec{
			StorageClassName: &class,
			AccessModes:      []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
			Resources:        core.VolumeResourceRequirements{Requests: core.ResourceList{core.ResourceStorage: resource.MustParse("3Gi")}},
		},
	}
	volume := newVolume(claim, "/volumes", core.PersistentVolumeReclaimRetain)
	if volume.Name != "pvc-1234" || volume.Spec.HostPath.Path != "/volumes/pvc-1234" {
		t.Errorf("the volume is %s at %s", volume.Name, volume.Spec.HostPath.Path)
	}
	if claimed := volume.Spec.ClaimRef; claimed.UID != "1234" || claimed.Namespace != "web" || claimed.Name != "data" {
		t.Errorf("it is for %+v", claimed)
	}
	size := volume.Spec.Capacity[core.ResourceStorage]
	if size.String() != "3Gi" || volume.Spec.PersistentVolumeReclaimPolicy != core.PersistentVolumeReclaimRetain {
		t.Errorf("its size is %s, its policy %s", size.String(), volume.Spec.PersistentVolumeReclaimPolicy)
	}
}

func TestOnlyReleasedVolumesOfOursAreRemoved(t *testing.T) {
	volume := func(change func(*core.PersistentVolume)) *core.PersistentVolume {
		volume := &core.PersistentVolume{
			ObjectMeta: meta.ObjectMeta{Name: "pvc-1", Annotations: map[string]string{provisionedBy: Name}},
			Spec: core.PersistentVolumeSpec{
				PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimDelete,
				PersistentVolumeSource:        core.PersistentVolumeSource{HostPath: &core.HostPathVolumeSource{Path: "/volumes/pvc-1"}},
			},
			Status: core.PersistentVolumeStatus{Phase: core.VolumeReleased},
		}
		change(volume)
		return volume
	}
	if !removable(volume(func(*core.PersistentVolume) {}), "/volumes") {
		t.Error("a released volume is kept")
	}
	for name, change := range map[string]func(*core.PersistentVolume){
		"bound": func(v *core.PersistentVolume) { v.Status.Phase = core.VolumeBound },
		"retained": func(v *core.PersistentVolume) {
			v.Spec.PersistentVolumeReclaimPolicy = core.PersistentVolumeReclaimRetain
		},
		"another's":            func(v *core.PersistentVolume) { v.Annotations = nil },
		"elsewhere":            func(v *core.PersistentVolume) { v.Spec.HostPath.Path = "/etc" },
		"above":                func(v *core.PersistentVolume) { v.Spec.HostPath.Path = "/volumes/../etc" },
		"the folder of all":    func(v *core.PersistentVolume) { v.Spec.HostPath.Path = "/volumes" },
		"not a folder of node": func(v *core.PersistentVolume) { v.Spec.HostPath = nil },
	} {
		if removable(volume(change), "/volumes") {
			t.Errorf("a volume that is %s would be removed", name)
		}
	}
}
