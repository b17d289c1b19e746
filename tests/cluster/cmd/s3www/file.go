package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
)

// file is an object as http.FileServer reads it. Its name is the object's
// key, whose extension alone decides the content type: what S3 stores as the
// content type is not looked at.
type file struct {
	*minio.Object
	info fs.FileInfo
}

var _ http.File = (*file)(nil)

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *file) Readdir(int) ([]fs.FileInfo, error) {
	return nil, errors.New("an object is not a folder")
}

// folder is a prefix, or the whole bucket for the empty one.
type folder struct {
	bucket *bucket
	prefix string
}

var _ http.File = (*folder)(nil)

func newFolder(bucket *bucket, key string) *folder {
	if key != "" {
		key += "/"
	}
	return &folder{bucket: bucket, prefix: key}
}

// Readdir lists everything at once, by full key.
func (f *folder) Readdir(int) ([]fs.FileInfo, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all []fs.FileInfo
	for object := range f.bucket.client.ListObjects(ctx, f.bucket.name, minio.ListObjectsOptions{Prefix: f.prefix}) {
		if object.Err != nil {
			return nil, object.Err
		}
		all = append(all, objectInfo{object})
	}
	return all, nil
}

func (f *folder) Close() error                   { return nil }
func (f *folder) Read([]byte) (int, error)       { return 0, io.EOF }
func (f *folder) Seek(int64, int) (int64, error) { return 0, errors.New("a folder cannot be read") }
func (f *folder) Stat() (fs.FileInfo, error)     { return folderInfo{f.prefix}, nil }

type objectInfo struct{ minio.ObjectInfo }

func (i objectInfo) Name() string       { return i.Key }
func (i objectInfo) Size() int64        { return i.ObjectInfo.Size }
func (i objectInfo) Mode() fs.FileMode  { return 0o644 }
func (i objectInfo) ModTime() time.Time { return i.LastModified }
func (i objectInfo) IsDir() bool        { return false }
func (i objectInfo) Sys() any           { return i.ObjectInfo }

type folderInfo struct{ prefix string }

func (i folderInfo) Name() string       { return i.prefix }
func (i folderInfo) Size() int64        { return 0 }
func (i folderInfo) Mode() fs.FileMode  { return fs.ModeDir | 0o755 }
func (i folderInfo) ModTime() time.Time { return time.Time{} }
func (i folderInfo) IsDir() bool        { return true }
func (i folderInfo) Sys() any           { return nil }
