// Package image builds container images without a container engine: an OCI
// image layout (https://github.com/opencontainers/image-spec) in a tar
// archive, with one layer.
package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"time"
)

// epoch is the time of every file, so that the same content makes the same
// image.
var epoch = time.Unix(0, 0).UTC()

// Entry is one thing in an image's file system. Exactly one of Source,
// Content, Link and Folder is set; an empty file is a Content of no bytes.
type Entry struct {
	// Path is absolute, with slashes; Mode is as in chmod.
	Path string
	Mode int64
	// Source is a file of the machine.
	Source  string
	Content []byte
	// Link is the target of a symbolic link.
	Link   string
	Folder bool
}

// writeLayer writes the entries as a tar archive, folders before what is in
// them; folders that no entry names get mode 0755.
func writeLayer(out io.Writer, entries []Entry) error {
	entries = withParents(entries)
	archive := tar.NewWriter(out)
	for _, entry := range entries {
		if err := writeEntry(archive, entry); err != nil {
			return fmt.Errorf("The image's file %s cannot be written: %w", entry.Path, err)
		}
	}
	return archive.Close()
}

func writeEntry(archive *tar.Writer, entry Entry) error {
	header := &tar.Header{Name: entry.Path[1:], Mode: entry.Mode, ModTime: epoch, Format: tar.FormatPAX}
	switch {
	case entry.Folder:
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return archive.WriteHeader(header)
	case entry.Link != "":
		header.Typeflag, header.Linkname = tar.TypeSymlink, entry.Link
		return archive.WriteHeader(header)
	case entry.Source == "":
		header.Typeflag, header.Size = tar.TypeReg, int64(len(entry.Content))
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(archive, bytes.NewReader(entry.Content))
		return err
	}
	source, err := os.Open(entry.Source)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, source)
	return err
}

// withParents adds the folders that are missing and sorts by path.
func withParents(entries []Entry) []Entry {
	known := map[string]bool{"/": true}
	for _, entry := range entries {
		known[entry.Path] = true
	}
	all := append([]Entry(nil), entries...)
	for _, entry := range entries {
		for folder := path.Dir(entry.Path); !known[folder]; folder = path.Dir(folder) {
			known[folder] = true
			all = append(all, Entry{Path: folder, Mode: 0o755, Folder: true})
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].Path < all[b].Path })
	return all
}
