// Package provisioner makes a persistent volume, a folder of the state
// folder, for every claim of its storage classes, and removes it again.
package provisioner

import (
	"context"
	"fmt"
	"log"
	"os"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	"terraform.local/s3www/cluster/internal/config"
)

const (
	// Name is what storage classes name this provisioner by.
	Name = "s3www.local/folder"
	// ManagedBy marks objects of the cluster's own.
	ManagedBy = "s3www-local-cluster"
	// provisionerAnnotation is set on a claim by Kubernetes as soon as the
	// volume is wanted: at once, or when a pod that uses it has a node.
	provisionerAnnotation = "volume.kubernetes.io/storage-provisioner"
	provisionedBy         = "pv.kubernetes.io/provisioned-by"
)

// controller is the usual Kubernetes controller: events put keys into a
// queue, one worker makes the world equal to what the objects say.
type controller struct {
	client  kubernetes.Interface
	folder  string
	claims  cache.Store
	volumes cache.Store
	classes cache.Store
	queue   workqueue.TypedRateLimitingInterface[key]
	log     *log.Logger
}

// key is an object that needs a look.
type key struct {
	volume bool
	name   string
}

// Run provisions until the context ends.
func Run(ctx context.Context, client kubernetes.Interface, cluster config.Config) error {
	folder := cluster.Path("volumes")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(cluster.Path("logs", "provisioner.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	factory := informers.NewSharedInformerFactory(client, 0)
	claims := factory.Core().V1().PersistentVolumeClaims().Informer()
	volumes := factory.Core().V1().PersistentVolumes().Informer()
	classes := factory.Storage().V1().StorageClasses().Informer()
	c := &controller{
		client: client, folder: folder, log: log.New(out, "", log.LstdFlags|log.LUTC),
		claims: claims.GetStore(), volumes: volumes.GetStore(), classes: classes.GetStore(),
		queue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[key]()),
	}
	for informer, volume := range map[cache.SharedIndexInformer]bool{claims: false, volumes: true} {
		if _, err := informer.AddEventHandler(c.handler(volume)); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), claims.HasSynced, volumes.HasSynced, classes.HasSynced) {
		return ctx.Err()
	}
	go func() {
		<-ctx.Done()
		c.queue.ShutDown()
	}()
	for c.next(ctx) {
	}
	return ctx.Err()
}

func (c *controller) handler(volume bool) cache.ResourceEventHandlerFuncs {
	add := func(object any) {
		if name, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			c.queue.Add(key{volume: volume, name: name})
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, now any) { add(now) }}
}

func (c *controller) next(ctx context.Context) bool {
	item, shutdown := c.queue.Get()
	if shutdown {
		return false
	}
	defer c.queue.Done(item)
	sync := c.syncClaim
	if item.volume {
		sync = c.syncVolume
	}
	if err := sync(ctx, item.name); err != nil {
		c.log.Printf("%s: %v", item.name, err)
		c.queue.AddRateLimited(item)
		return true
	}
	c.queue.Forget(item)
	return true
}

// syncClaim makes the volume for a claim that waits for one of ours.
func (c *controller) syncClaim(ctx context.Context, name string) error {
	object, exists, err := c.claims.GetByKey(name)
	if err != nil || !exists {
		return err
	}
	claim := object.(*core.PersistentVolumeClaim)
	if claim.Annotations[provisionerAnnotation] != Name || claim.Spec.VolumeName != "" || claim.Spec.StorageClassName == nil {
		return nil
	}
	reclaim, err := c.reclaimPolicy(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	volume := newVolume(claim, c.folder, reclaim)
	path := volume.Spec.HostPath.Path
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	// Any user of any pod may write: a folder of the node knows no fsGroup.
	if err := os.Chmod(path, 0o777); err != nil {
		return err
	}
	_, err = c.client.CoreV1().PersistentVolumes().Create(ctx, volume, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	c.log.Printf("made %s for the claim %s", volume.Name, name)
	return nil
}

func (c *controller) reclaimPolicy(class string) (core.PersistentVolumeReclaimPolicy, error) {
	object, exists, err := c.classes.GetByKey(class)
	if err != nil {
		return "", err
	}
	if !exists {
		return "", fmt.Errorf("There is no storage class %s.", class)
	}
	policy := core.PersistentVolumeReclaimDelete
	if set := storageClassPolicy(object); set != nil {
		policy = *set
	}
	return policy, nil
}

// syncVolume removes a volume of ours whose claim is gone.
func (c *controller) syncVolume(ctx context.Context, name string) error {
	object, exists, err := c.volumes.GetByKey(name)
	if err != nil || !exists {
		return err
	}
	volume := object.(*core.PersistentVolume)
	if !removable(volume, c.folder) {
		return nil
	}
	if err := os.RemoveAll(volume.Spec.HostPath.Path); err != nil {
		return err
	}
	err = c.client.CoreV1().PersistentVolumes().Delete(ctx, name, meta.DeleteOptions{})
	if err != nil && !errors.IsNotFound(err) {
		return err
	}
	c.log.Printf("removed %s", name)
	return nil
}
