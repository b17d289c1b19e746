package probe

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/image"
	"terraform.local/s3www/cluster/internal/progress"
)

const probeName = "cluster-check"

// script asks for a Service by its DNS name and writes to the volume. The
// rules of a Service reach the kernel a moment after the pod starts, so it
// asks until it gets an answer; the pod's deadline bounds that.
const script = `set -eu
until curl --silent --show-error --fail --insecure --max-time 2 --output /dev/null https://kubernetes.default.svc.` + config.ClusterDomain + `/version; do sleep 0.2; done
echo works > /data/probe
grep works /data/probe
`

// deadlineSeconds is when the probe pod gives up.
const deadlineSeconds = 60

// RunPod proves with a pod that images start, DNS answers, a Service
// answers and a volume is made, written to and removed again.
func (c Client) RunPod(ctx context.Context, reporter *progress.Reporter) error {
	if err := c.removeProbe(ctx, reporter, false); err != nil {
		return err
	}
	err := reporter.Until(ctx, "Probe pod and its volume claim are accepted", func(ctx context.Context) error {
		return c.createProbe(ctx)
	})
	if err != nil {
		return err
	}
	if err := reporter.Until(ctx, "Pods run, DNS answers, a Service answers, a volume is bound", c.probeSucceeded); err != nil {
		return err
	}
	return c.removeProbe(ctx, reporter, true)
}

func (c Client) createProbe(ctx context.Context) error {
	claim, pod := probeObjects()
	_, err := c.CoreV1().PersistentVolumeClaims(claim.Namespace).Create(ctx, claim, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	_, err = c.CoreV1().Pods(pod.Namespace).Create(ctx, pod, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err // its service account is not there yet
	}
	return nil
}

func (c Client) probeSucceeded(ctx context.Context) error {
	pod, err := c.CoreV1().Pods(meta.NamespaceDefault).Get(ctx, probeName, meta.GetOptions{})
	if err != nil {
		return err
	}
	switch pod.Status.Phase {
	case core.PodSucceeded:
		return nil
	case core.PodFailed:
		text, _ := c.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &core.PodLogOptions{}).DoRaw(ctx)
		return progress.Fatal(fmt.Errorf("The probe pod failed (%s %s). Its output was:\n%s", pod.Status.Reason, pod.Status.Message, text))
	}
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			return fmt.Errorf("The probe pod waits: %s %s", waiting.Reason, waiting.Message)
		}
	}
	return fmt.Errorf("The probe pod is %s.", pod.Status.Phase)
}

// removeProbe removes pod, claim and volume, and waits until they are gone.
func (c Client) removeProbe(ctx context.Context, reporter *progress.Reporter, tell bool) error {
	now := int64(0)
	options := meta.DeleteOptions{GracePeriodSeconds: &now}
	gone := func(ctx context.Context) error {
		err := c.CoreV1().Pods(meta.NamespaceDefault).Delete(ctx, probeName, options)
		if err != nil && !errors.IsNotFound(err) {
			return err
		}
		claimErr := c.CoreV1().PersistentVolumeClaims(meta.NamespaceDefault).Delete(ctx, probeName, meta.DeleteOptions{})
		if claimErr != nil && !errors.IsNotFound(claimErr) {
			return claimErr
		}
		if err == nil || claimErr == nil {
			return fmt.Errorf("The probe's objects are being removed.")
		}
		volumes, err := c.CoreV1().PersistentVolumes().List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		for _, volume := range volumes.Items {
			if claim := volume.Spec.ClaimRef; claim != nil && claim.Name == probeName && claim.Namespace == meta.NamespaceDefault {
				return fmt.Errorf("The volume %s is %s.", volume.Name, volume.Status.Phase)
			}
		}
		return nil
	}
	if !tell && gone(ctx) == nil {
		return nil // nothing to say about a new cluster
	}
	return reporter.Until(ctx, "Probe and its volume are removed", gone)
}

func probeObjects() (*core.PersistentVolumeClaim, *core.Pod) {
	labels := meta.ObjectMeta{Name: probeName, Namespace: meta.NamespaceDefault}
	claim := &core.PersistentVolumeClaim{
		ObjectMeta: labels,
		Spec: core.PersistentVolumeClaimSpec{
			AccessModes: []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
			Resources: core.VolumeResourceRequirements{
				Requests: core.ResourceList{core.ResourceStorage: resource.MustParse("1Mi")},
			},
		},
	}
	deadline := int64(deadlineSeconds)
	pod := &core.Pod{
		ObjectMeta: labels,
		Spec: core.PodSpec{
			RestartPolicy:         core.RestartPolicyNever,
			ActiveDeadlineSeconds: &deadline,
			Containers: []core.Container{{
				Name: "check", Image: image.Curl, ImagePullPolicy: core.PullNever,
				Command:      []string{"sh", "-c", script},
				VolumeMounts: []core.VolumeMount{{Name: "data", MountPath: "/data"}},
			}},
			Volumes: []core.Volume{{
				Name: "data",
				VolumeSource: core.VolumeSource{
					PersistentVolumeClaim: &core.PersistentVolumeClaimVolumeSource{ClaimName: probeName},
				},
			}},
		},
	}
	return claim, pod
}
