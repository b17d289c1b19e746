// Package probe finds out whether a cluster really works, by using it.
package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"terraform.local/s3www/cluster/internal/config"
)

// requestTimeout bounds one request, so that a stopped API server is an
// answer too.
const requestTimeout = 5 * time.Second

// Client speaks to a cluster's API server.
type Client struct {
	kubernetes.Interface
}

// NewClient returns a client that uses a kubeconfig and never a proxy.
func NewClient(kubeconfig string) (Client, error) {
	settings, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return Client{}, fmt.Errorf("The kubeconfig %s cannot be used: %w", kubeconfig, err)
	}
	settings.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	settings.QPS, settings.Burst = 100, 200
	client, err := kubernetes.NewForConfig(settings)
	if err != nil {
		return Client{}, err
	}
	return Client{client}, nil
}

// APIServerReady is nil when the API server says that it is ready.
func (c Client) APIServerReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	_, err := c.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err
}

// NodesReady is nil when every node says that it is ready.
func (c Client) NodesReady(ctx context.Context, nodes []config.Node) error {
	for _, node := range nodes {
		if err := c.nodeReady(ctx, node.Name); err != nil {
			return fmt.Errorf("%s: %w", node.Name, err)
		}
	}
	return nil
}

// Registered is nil when a node has registered and got its network.
func (c Client) Registered(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	node, err := c.CoreV1().Nodes().Get(ctx, name, meta.GetOptions{})
	if err == nil && node.Spec.PodCIDR == "" {
		err = fmt.Errorf("The node %s has no network for its pods yet.", name)
	}
	return err
}

func (c Client) nodeReady(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	node, err := c.CoreV1().Nodes().Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			if condition.Status == core.ConditionTrue {
				return nil
			}
			return fmt.Errorf("%s: %s", condition.Reason, condition.Message)
		}
	}
	return errors.New("It has not reported yet.")
}
