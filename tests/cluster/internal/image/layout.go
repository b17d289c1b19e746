package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// nameAnnotation is what containerd's import names the image by.
const nameAnnotation = "io.containerd.image.name"

// Image is an image to build.
type Image struct {
	// Name is the full reference, such as `docker.io/y4m4/s3www:v1.0.0`.
	Name    string
	Entries []Entry
	Config  v1.ImageConfig
}

// Build writes the image as a tar archive of an OCI layout into a folder and
// returns the archive's path. An archive that was built from the same files
// before is used again.
func (i Image) Build(folder string) (path string, built bool, err error) {
	key, err := i.key()
	if err != nil {
		return "", false, err
	}
	path = filepath.Join(folder, key+".tar")
	if _, err := os.Stat(path); err == nil {
		return path, false, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", false, err
	}
	temporary, err := os.CreateTemp(folder, "new-")
	if err != nil {
		return "", false, err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	if err := i.write(temporary, folder); err != nil {
		return "", false, fmt.Errorf("The image %s cannot be built: %w", i.Name, err)
	}
	if err := temporary.Close(); err != nil {
		return "", false, err
	}
	return path, true, os.Rename(temporary.Name(), path)
}

// key is different for every different image. Files of the machine count by
// path, size and time of change: reading them all would cost a second.
func (i Image) key() (string, error) {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(i); err != nil {
		return "", err
	}
	for _, entry := range i.Entries {
		if entry.Source == "" {
			continue
		}
		info, err := os.Stat(entry.Source)
		if err != nil {
			return "", fmt.Errorf("The image %s needs a file that is not there: %w", i.Name, err)
		}
		fmt.Fprintln(hash, entry.Path, info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(hash.Sum(nil))[:32], nil
}

// write builds the layer in a file beside, because the archive's headers
// need its size and its digest first.
func (i Image) write(out io.Writer, folder string) error {
	layer, err := os.CreateTemp(folder, "layer-")
	if err != nil {
		return err
	}
	defer os.Remove(layer.Name())
	defer layer.Close()
	hash := sha256.New()
	if err := writeLayer(io.MultiWriter(layer, hash), i.Entries); err != nil {
		return err
	}
	size, err := layer.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := layer.Seek(0, io.SeekStart); err != nil {
		return err
	}
	diff := digest.NewDigest(digest.SHA256, hash)
	descriptor := v1.Descriptor{MediaType: v1.MediaTypeImageLayer, Digest: diff, Size: size}
	return i.writeLayout(out, descriptor, layer)
}

func (i Image) writeLayout(out io.Writer, layer v1.Descriptor, content io.Reader) error {
	configuration, configurationText, err := describe(v1.MediaTypeImageConfig, v1.Image{
		Created:  &epoch,
		Platform: v1.Platform{Architecture: runtime.GOARCH, OS: "linux"},
		Config:   i.Config,
		RootFS:   v1.RootFS{Type: "layers", DiffIDs: []digest.Digest{layer.Digest}},
	})
	if err != nil {
		return err
	}
	manifest, manifestText, err := describe(v1.MediaTypeImageManifest, v1.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageManifest,
		Config:    configuration,
		Layers:    []v1.Descriptor{layer},
	})
	if err != nil {
		return err
	}
	manifest.Annotations = map[string]string{nameAnnotation: i.Name}
	_, index, err := describe(v1.MediaTypeImageIndex, v1.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageIndex,
		Manifests: []v1.Descriptor{manifest},
	})
	if err != nil {
		return err
	}
	archive := tar.NewWriter(out)
	for _, file := range []struct {
		name string
		text []byte
	}{
		{v1.ImageLayoutFile, []byte(`{"imageLayoutVersion":"` + v1.ImageLayoutVersion + `"}`)},
		{v1.ImageIndexFile, index},
		{blob(configuration), configurationText},
		{blob(manifest), manifestText},
	} {
		if err := writeEntry(archive, Entry{Path: "/" + file.name, Mode: 0o644, Content: file.text}); err != nil {
			return err
		}
	}
	header := &tar.Header{Name: blob(layer), Mode: 0o644, Size: layer.Size, Typeflag: tar.TypeReg, ModTime: epoch}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	if _, err := io.Copy(archive, content); err != nil {
		return err
	}
	return archive.Close()
}

func describe(mediaType string, value any) (v1.Descriptor, []byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return v1.Descriptor{}, nil, err
	}
	return v1.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(text), Size: int64(len(text))}, text, nil
}

func blob(descriptor v1.Descriptor) string {
	return v1.ImageBlobsDir + "/" + descriptor.Digest.Algorithm().String() + "/" + descriptor.Digest.Encoded()
}
