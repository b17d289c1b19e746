package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// contents reads a tar archive into memory, headers and bytes by name.
func contents(t *testing.T, archive []byte) (map[string]*tar.Header, map[string][]byte) {
	t.Helper()
	headers, files := map[string]*tar.Header{}, map[string][]byte{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return headers, files
		}
		if err != nil {
			t.Fatal(err)
		}
		if headers[header.Name] != nil {
			t.Errorf("%s is in the archive twice", header.Name)
		}
		text, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		headers[header.Name], files[header.Name] = header, text
	}
}

func testImage(t *testing.T) Image {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Image{
		Name: "example.test/image:1",
		Entries: []Entry{
			{Path: "/usr/bin/program", Mode: 0o755, Source: program},
			{Path: "/usr/bin/other", Mode: 0o777, Link: "program"},
			{Path: "/tmp", Mode: 0o1777, Folder: true},
			{Path: "/etc/empty", Mode: 0o644},
		},
		Config: v1.ImageConfig{Entrypoint: []string{"/usr/bin/program"}, User: "100"},
	}
}

func TestBuildWritesALayoutWhoseDigestsHold(t *testing.T) {
	image, folder := testImage(t), t.TempDir()
	path, built, err := image.Build(folder)
	if err != nil || !built {
		t.Fatalf("Build = %v, %v", built, err)
	}
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, files := contents(t, archive)
	// follow reads what a descriptor points to and compares size and digest.
	follow := func(descriptor v1.Descriptor, into any) []byte {
		text, found := files[blob(descriptor)]
		if !found || int64(len(text)) != descriptor.Size || digest.FromBytes(text) != descriptor.Digest {
			t.Fatalf("the blob %s does not match its descriptor", descriptor.Digest)
		}
		if into != nil {
			if err := json.Unmarshal(text, into); err != nil {
				t.Fatal(err)
			}
		}
		return text
	}
	var index v1.Index
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	if len(index.Manifests) != 1 || index.Manifests[0].Annotations["io.containerd.image.name"] != image.Name {
		t.Fatalf("the index names %v", index.Manifests)
	}
	var manifest v1.Manifest
	follow(index.Manifests[0], &manifest)
	var configuration v1.Image
	follow(manifest.Config, &configuration)
	layer := follow(manifest.Layers[0], nil)
	if got := configuration.RootFS.DiffIDs[0]; got != digest.FromBytes(layer) {
		t.Errorf("the diff id is %s", got)
	}
	if configuration.Config.User != "100" || configuration.OS != "linux" {
		t.Errorf("the configuration is %+v", configuration)
	}
	if string(files["oci-layout"]) != `{"imageLayoutVersion":"1.0.0"}` {
		t.Errorf("oci-layout is %s", files["oci-layout"])
	}
}

func TestLayerHasModesLinksAndParents(t *testing.T) {
	var out bytes.Buffer
	if err := writeLayer(&out, testImage(t).Entries); err != nil {
		t.Fatal(err)
	}
	headers, files := contents(t, out.Bytes())
	for name, want := range map[string]struct {
		kind byte
		mode int64
	}{
		"usr/":            {tar.TypeDir, 0o755},
		"usr/bin/":        {tar.TypeDir, 0o755},
		"usr/bin/program": {tar.TypeReg, 0o755},
		"usr/bin/other":   {tar.TypeSymlink, 0o777},
		"tmp/":            {tar.TypeDir, 0o1777},
		"etc/":            {tar.TypeDir, 0o755},
		"etc/empty":       {tar.TypeReg, 0o644},
	} {
		header := headers[name]
		if header == nil || header.Typeflag != want.kind || header.Mode != want.mode {
			t.Errorf("%s is %+v", name, header)
		}
	}
	if len(headers) != 7 {
		t.Errorf("the layer has %d entries", len(headers))
	}
	if headers["usr/bin/other"].Linkname != "program" || string(files["usr/bin/program"]) != "a program" {
		t.Error("the program or the link to it is not as it was given")
	}
}

func TestBuildIsRepeatableAndNoticesChanges(t *testing.T) {
	image := testImage(t)
	build := func(folder string) (string, bool, []byte) {
		path, built, err := image.Build(folder)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return path, built, text
	}
	folder := t.TempDir()
	first, _, firstText := build(folder)
	again, built, _ := build(folder)
	if again != first || built {
		t.Error("the same image was built twice")
	}
	_, _, elsewhere := build(t.TempDir())
	if !bytes.Equal(firstText, elsewhere) {
		t.Error("the same image came out different")
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(image.Entries[0].Source, later, later); err != nil {
		t.Fatal(err)
	}
	if changed, built, _ := build(folder); changed == first || !built {
		t.Error("a changed program was not noticed")
	}
	image.Entries[3].Content = []byte("no longer empty")
	if changed, built, _ := build(folder); changed == first || !built {
		t.Error("a changed content was not noticed")
	}
	image.Entries[0].Source += "-gone"
	if _, _, err := image.Build(folder); err == nil {
		t.Error("a missing program was not noticed")
	}
}
