package provisioner

import (
	"path/filepath"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// newVolume returns the volume for a claim. Its name follows from the claim's
// uid, so a second try makes the same one. Every node sees the folder, as it
// would a volume on the network, so a pod can move with it.
func newVolume(claim *core.PersistentVolumeClaim, folder string, reclaim core.PersistentVolumeReclaimPolicy) *core.PersistentVolume {
	name := "pvc-" + string(claim.UID)
	kind := core.HostPathDirectoryOrCreate
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: Name}},
		Spec: core.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			StorageClassName:              *claim.Spec.StorageClassName,
			VolumeMode:                    claim.Spec.VolumeMode,
			PersistentVolumeReclaimPolicy: reclaim,
			ClaimRef: &core.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			PersistentVolumeSource: core.PersistentVolumeSource{
				HostPath: &core.HostPathVolumeSource{Path: filepath.Join(folder, name), Type: &kind},
			},
		},
	}
}

// removable says whether a volume is one of ours that nobody wants any more.
// It must be a folder directly in ours, whatever somebody made of the object.
func removable(volume *core.PersistentVolume, folder string) bool {
	return volume.Annotations[provisionedBy] == Name &&
		volume.Status.Phase == core.VolumeReleased &&
		volume.Spec.PersistentVolumeReclaimPolicy == core.PersistentVolumeReclaimDelete &&
		volume.Spec.HostPath != nil &&
		volume.Spec.HostPath.Path == filepath.Join(folder, volume.Name)
}

func storageClassPolicy(object any) *core.PersistentVolumeReclaimPolicy {
	class, is := object.(*storage.StorageClass)
	if !is {
		return nil
	}
	return class.ReclaimPolicy
}
