package main

import (
	"context"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
)

// bucket shows a bucket to http.FileServer.
type bucket struct {
	client        *minio.Client
	name          string
	path, spaFile string
}

var _ http.FileSystem = (*bucket)(nil)

// Open returns a folder for everything that has keys below it, else the
// first object of: the name, its index page, the SPA's page, `404.html`.
// That page is served like any other object, with status 200.
func (b *bucket) Open(name string) (http.File, error) {
	ctx := context.Background()
	key := strings.Trim(path.Join("/", b.path, name), "/")
	if name == "/" || b.isFolder(ctx, key) {
		return newFolder(b, key), nil
	}
	candidates := []string{key, path.Join(key, "index.html"), path.Join(key, "index.htm")}
	if b.spaFile != "" {
		candidates = append(candidates, b.spaFile)
	}
	candidates = append(candidates, "404.html")
	for _, candidate := range candidates {
		object, err := b.client.GetObject(ctx, b.name, candidate, minio.GetObjectOptions{})
		if err != nil {
			return nil, err
		}
		info, err := object.Stat()
		if err == nil {
			return &file{Object: object, info: objectInfo{info}}, nil
		}
		object.Close()
		if code := minio.ToErrorResponse(err).Code; code != "NoSuchKey" {
			return nil, err
		}
	}
	return nil, fs.ErrNotExist
}

// isFolder asks for one key below the prefix. Any answer counts, an error
// too: with the server away or the bucket missing, everything is a folder,
// and reading that folder is what fails.
func (b *bucket) isFolder(ctx context.Context, key string) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: key + "/", MaxKeys: 1}) {
		return true
	}
	return false
}
