package image

import (
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
	"terraform.local/s3www/cluster/internal/config"
)

// operatorPrograms are programs that others run in their clusters and that
// work on what the chart makes: each is the only file of the image
// `s3www.local/PROGRAM:1`, in the folder where its project's own image has it,
// but for what kubeRouter calls.
var operatorPrograms = []string{
	"prometheus",
	"prometheus-operator",
	"prometheus-config-reloader",
	"blackbox_exporter",
	"kube-state-metrics",
	"traefik",
	"cert-manager",
	"metrics-server",
	kubeRouter,
}

// kubeRouter enforces NetworkPolicies, with programs that its image has beside it.
const kubeRouter = "kube-router"

// operatorImages returns the images of those programs. They are made on
// request only: to import them takes longer than to start the cluster.
func operatorImages(cluster config.Config) ([]Image, error) {
	var images []Image
	for _, program := range operatorPrograms {
		binary, err := cluster.Tool(program)
		if err != nil {
			return nil, err
		}
		image := Image{
			Name:    "s3www.local/" + program + ":1",
			Entries: []Entry{{Path: "/bin/" + program, Mode: 0o755, Source: binary}, {Path: "/tmp", Mode: 0o1777, Folder: true}},
			Config:  v1.ImageConfig{Entrypoint: []string{"/bin/" + program}},
		}
		if program == kubeRouter {
			more, err := packetFilter()
			if err != nil {
				return nil, err
			}
			image.Entries = append(image.Entries, more...)
			image.Config.Env = []string{searchPath, "XTABLES_LIBDIR=" + extensionFolder}
		}
		images = append(images, image)
	}
	return images, nil
}
