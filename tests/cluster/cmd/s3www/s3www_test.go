package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	user     = "test-user"
	password = "test-password"
)

// startMinIO starts a real MinIO (the program that MINIO names) on the
// loopback device and returns its address and a client.
func startMinIO(t *testing.T) (string, *minio.Client) {
	t.Helper()
	program := os.Getenv("MINIO")
	if program == "" {
		t.Fatal("MINIO does not name MinIO's program. Run the tests by `make test`, which builds it.")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	home := t.TempDir()
	command := exec.Command(program, "server", filepath.Join(home, "data"), "--address", address, "--console-address", "127.0.0.1:0", "--quiet")
	command.Env = []string{"HOME=" + home, "MINIO_ROOT_USER=" + user, "MINIO_ROOT_PASSWORD=" + password, "MINIO_BROWSER=off"}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill() //nolint:errcheck // it may have ended
		command.Wait()         //nolint:errcheck // it was killed
	})
	client, err := minio.New(address, &minio.Options{Creds: credentials.NewStaticV4(user, password, "")})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		answer, err := http.Get("http://" + address + "/minio/health/ready")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return address, client
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("MinIO does not get ready: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func put(t *testing.T, client *minio.Client, key, content string) {
	t.Helper()
	_, err := client.PutObject(context.Background(), "site", key, strings.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "application/x-ignored"})
	if err != nil {
		t.Fatal(err)
	}
}

// serve starts the double with flags and returns its URL.
func serve(t *testing.T, flags ...string) string {
	t.Helper()
	o, err := parse(flags)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := o.handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

type answer struct {
	status         int
	kind, location string
	header         http.Header
	body           string
}

func get(t *testing.T, url string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Content-Type"), response.Header.Get("Location"), response.Header, string(body)}
}

func TestAnswersAsTheRealOneDoes(t *testing.T) {
	address, client := startMinIO(t)
	flags := []string{"-endpoint", "http://" + address, "-bucket", "site", "-accessKey", user, "-secretKey", password}
	url := serve(t, flags...)

	if got := get(t, url+"/"); got.status != 500 || !strings.Contains(got.body, "Error reading directory") {
		t.Errorf("/ without a bucket is %+v", got)
	}
	if got := get(t, url+"/x.txt"); got.status != 301 || got.location != "x.txt/" {
		t.Errorf("a file without a bucket is %+v", got)
	}
	if err := client.MakeBucket(context.Background(), "site", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, url+"/"); got.status != 200 || !strings.Contains(got.body, "<pre>") || strings.Contains(got.body, "<a ") {
		t.Errorf("/ of an empty bucket is %+v", got)
	}
	if got := get(t, url+"/none"); got.status != 404 {
		t.Errorf("a missing file is %+v", got)
	}
	for _, path := range []string{"/metrics", "/health", "/healthz"} {
		if got := get(t, url+path); got.status != 404 {
			t.Errorf("%s is a route: %+v", path, got)
		}
	}

	put(t, client, "style.css", "body {}")
	put(t, client, "docs/page.txt", "page")
	if got := get(t, url+"/style.css"); got.status != 200 || got.body != "body {}" || got.kind != "text/css; charset=utf-8" {
		t.Errorf("a file is %+v", got)
	}
	if got := get(t, url+"/style.css", "Range", "bytes=0-3"); got.status != 206 || got.body != "body" {
		t.Errorf("a part of a file is %+v", got)
	}
	if got := get(t, url+"/"); got.status != 200 || !strings.Contains(got.body, `href="style.css"`) || !strings.Contains(got.body, `href="docs/"`) {
		t.Errorf("the listing is %+v", got)
	}
	if got := get(t, url+"/docs"); got.status != 301 || got.location != "docs/" {
		t.Errorf("a folder without a slash is %+v", got)
	}
	// The odd one: a listing below names the full keys.
	if got := get(t, url+"/docs/"); !strings.Contains(got.body, `href="docs/page.txt"`) {
		t.Errorf("a listing below is %+v", got)
	}

	put(t, client, "docs/index.html", "index of docs")
	if got := get(t, url+"/docs/"); got.status != 200 || got.body != "index of docs" || got.kind != "text/html; charset=utf-8" {
		t.Errorf("a folder with an index page is %+v", got)
	}
	put(t, client, "index.html", "index")
	if got := get(t, url+"/"); got.body != "index" {
		t.Errorf("/ with an index page is %+v", got)
	}
	put(t, client, "404.html", "nothing here")
	if got := get(t, url+"/none"); got.status != 200 || got.body != "nothing here" || got.kind != "text/html; charset=utf-8" {
		t.Errorf("a missing file with a page for that is %+v", got)
	}
	spa := serve(t, append(flags, "-spaFile", "index.html")...)
	if got := get(t, spa+"/some/route"); got.status != 200 || got.body != "index" {
		t.Errorf("a route of an SPA is %+v", got)
	}
	below := serve(t, append(flags, "-bucketPath", "/docs")...)
	if got := get(t, below+"/page.txt"); got.body != "page" {
		t.Errorf("a file below the bucket's path is %+v", got)
	}
}

func TestOrigins(t *testing.T) {
	address, client := startMinIO(t)
	if err := client.MakeBucket(context.Background(), "site", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	flags := []string{"-endpoint", "http://" + address, "-bucket", "site", "-accessKey", user, "-secretKey", password}
	got := get(t, serve(t, flags...)+"/", "Origin", "https://anywhere.test").header
	if got.Get("Access-Control-Allow-Origin") != "https://anywhere.test" || got.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("without a setting, an origin gets %v", got)
	}
	locked := serve(t, append(flags, "-allowed-cors-origins", "https://mine.test,https://*.ours.test")...)
	for origin, want := range map[string]string{
		"https://mine.test": "https://mine.test", "https://a.ours.test": "https://a.ours.test", "https://anywhere.test": "",
	} {
		if got := get(t, locked+"/", "Origin", origin).header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("the origin %s gets %q", origin, got)
		}
	}
}

func TestFlagsAndEnvironment(t *testing.T) {
	t.Setenv("S3WWW_BUCKET", "from-environment")
	t.Setenv("S3WWW_ALLOWED_CORS_ORIGINS", "https://mine.test")
	o, err := parse([]string{"-spaFile", "app.html"})
	if err != nil {
		t.Fatal(err)
	}
	if o.bucket != "from-environment" || o.origins != "https://mine.test" || o.spaFile != "app.html" {
		t.Errorf("the options are %+v", o)
	}
	if o.address != "127.0.0.1:8080" || o.bucketPath != "/" {
		t.Errorf("the defaults are %+v", o)
	}
	if o, err = parse([]string{"-bucket", "from-flag"}); err != nil || o.bucket != "from-flag" {
		t.Errorf("a flag does not win: %+v, %v", o, err)
	}
}

func TestKeysComeFromFiles(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"access": user + "\n", "secret": password} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, client := startMinIO(t)
	if err := client.MakeBucket(context.Background(), "site", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	put(t, client, "a.txt", "a")
	url := serve(t, "-endpoint", "http://"+address, "-bucket", "site",
		"-accessKeyFile", filepath.Join(folder, "access"), "-secretKeyFile", filepath.Join(folder, "secret"))
	if got := get(t, url+"/a.txt"); got.body != "a" {
		t.Errorf("with keys from files, a file is %+v", got)
	}
	for _, bad := range [][]string{
		{"-bucket", "site", "-endpoint", "no-scheme:9000"},
		{"-endpoint", "http://" + address},
		{"-bucket", "site", "-endpoint", "http://" + address, "-accessKeyFile", filepath.Join(folder, "none")},
	} {
		o, err := parse(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.handler(); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
