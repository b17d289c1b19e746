package image

import (
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"terraform.local/s3www/cluster/internal/config"
)

// The images of the cluster. The first three carry the names that the chart
// uses, so that the chart's defaults run unchanged.
const (
	MinIO = "docker.io/pgsty/silo:RELEASE.2026-09-03T13-18-01Z"
	S3WWW = "docker.io/y4m4/s3www:v1.0.0"
	Curl  = "docker.io/curlimages/curl:8.16.0"
	Pause = "s3www.local/pause:1"
)

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// minioEntrypoint takes `server /data` as well as `minio server /data`, as
// the real image does.
const minioEntrypoint = `#!/bin/sh
case "${1:-}" in
minio | silo) ;;
*) set -- minio "$@" ;;
esac
exec "$@"
`

// curlEntrypoint takes curl's options as well as a program to run, as the
// real image does.
const curlEntrypoint = `#!/bin/sh
case "${1:-}" in
-*) set -- curl "$@" ;;
*) command -v "${1:-}" >/dev/null 2>&1 || set -- curl "$@" ;;
esac
exec "$@"
`

// curlUser is the user of the real image, by number: `runAsNonRoot` cannot
// judge a name.
const curlUser = "100"

// All returns the images in the order in which pods need them.
func All(cluster config.Config) ([]Image, error) {
	var images []Image
	for _, make := range []func(config.Config) (Image, error){pauseImage, curlImage, s3wwwImage, minioImage} {
		image, err := make(cluster)
		if err != nil {
			return nil, err
		}
		images = append(images, image)
	}
	if cluster.Operators {
		operators, err := operatorImages(cluster)
		if err != nil {
			return nil, err
		}
		images = append(images, operators...)
	}
	return images, nil
}

func pauseImage(cluster config.Config) (Image, error) {
	binary, err := cluster.Tool("pause")
	if err != nil {
		return Image{}, err
	}
	return Image{
		Name:    Pause,
		Entries: []Entry{{Path: "/pause", Mode: 0o755, Source: binary}},
		Config:  v1.ImageConfig{Entrypoint: []string{"/pause"}, User: "65535:65535"},
	}, nil
}

func s3wwwImage(cluster config.Config) (Image, error) {
	binary := cluster.S3WWW
	if binary == "" {
		double, err := cluster.Tool("s3www")
		if err != nil {
			return Image{}, err
		}
		binary = double
	}
	bundle, err := certificates()
	if err != nil {
		return Image{}, err
	}
	// From scratch and without a user, as the real image.
	return Image{
		Name:    S3WWW,
		Entries: []Entry{{Path: "/s3www", Mode: 0o755, Source: binary}, bundle},
		Config:  v1.ImageConfig{Entrypoint: []string{"/s3www"}, ExposedPorts: map[string]struct{}{"8080/tcp": {}}},
	}, nil
}

func minioImage(cluster config.Config) (Image, error) {
	minio, err := cluster.Tool("minio")
	if err != nil {
		return Image{}, err
	}
	mc, err := cluster.Tool("mc")
	if err != nil {
		return Image{}, err
	}
	entries, err := base()
	if err != nil {
		return Image{}, err
	}
	entries = append(entries,
		Entry{Path: "/usr/bin/silo", Mode: 0o755, Source: minio},
		Entry{Path: "/usr/bin/minio", Mode: 0o777, Link: "silo"},
		Entry{Path: "/usr/bin/mc", Mode: 0o755, Source: mc},
		Entry{Path: "/usr/bin/docker-entrypoint.sh", Mode: 0o755, Content: []byte(minioEntrypoint)},
	)
	return Image{
		Name:    MinIO,
		Entries: entries,
		Config: v1.ImageConfig{
			Entrypoint:   []string{"/usr/bin/docker-entrypoint.sh"},
			Cmd:          []string{"minio"},
			Env:          []string{searchPath},
			ExposedPorts: map[string]struct{}{"9000/tcp": {}},
		},
	}, nil
}

func curlImage(config.Config) (Image, error) {
	entries, err := base()
	if err != nil {
		return Image{}, err
	}
	curl, err := dynamicProgram("curl", "/usr/bin/curl")
	if err != nil {
		return Image{}, err
	}
	entries = append(entries, curl...)
	entries = append(entries, Entry{Path: "/entrypoint.sh", Mode: 0o755, Content: []byte(curlEntrypoint)})
	return Image{
		Name:    Curl,
		Entries: entries,
		Config: v1.ImageConfig{
			User:       curlUser,
			Entrypoint: []string{"/entrypoint.sh"},
			Cmd:        []string{"curl"},
			Env:        []string{searchPath, "HOME=/home/curl_user"},
			WorkingDir: "/home/curl_user",
		},
	}, nil
}

// base returns what the images with a shell have in common.
func base() ([]Entry, error) {
	entries, err := busybox()
	if err != nil {
		return nil, err
	}
	bundle, err := certificates()
	if err != nil {
		return nil, err
	}
	passwd := "root:x:0:0:root:/root:/bin/sh\ncurl_user:x:" + curlUser + ":101::/home/curl_user:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
	return append(entries,
		bundle,
		Entry{Path: "/tmp", Mode: 0o1777, Folder: true},
		Entry{Path: "/root", Mode: 0o700, Folder: true},
		Entry{Path: "/home/curl_user", Mode: 0o777, Folder: true},
		Entry{Path: "/etc/passwd", Mode: 0o644, Content: []byte(passwd)},
		Entry{Path: "/etc/group", Mode: 0o644, Content: []byte("root:x:0:\ncurl_group:x:101:\nnobody:x:65534:\n")},
		Entry{Path: "/etc/nsswitch.conf", Mode: 0o644, Content: []byte("hosts: files dns\n")},
	), nil
}
