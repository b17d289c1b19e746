// Command s3www is the tests' double of s3www v1.0.0
// (https://github.com/harshavardhana/s3www), which is no module that can be
// installed: the same flags and environment, and the same answers, odd ones
// included. Set S3WWW_BIN to run the tests with the real one.
//
// As the real one it has no health route, no metrics, no timeouts and no
// handling of SIGTERM: the chart has to live with that.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rs/cors"
)

const version = "1.0.0-double"

// options are the flags; each has an environment variable as its default.
type options struct {
	endpoint, bucket, bucketPath                       string
	accessKey, secretKey, accessKeyFile, secretKeyFile string
	address, spaFile, certificate, key, origins        string
	letsEncrypt, version                               bool
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("s3www", flag.ContinueOnError)
	text := func(target *string, name, environment, otherwise, help string) {
		if value, set := os.LookupEnv(environment); set {
			otherwise = value
		}
		flags.StringVar(target, name, otherwise, help)
	}
	text(&o.endpoint, "endpoint", "S3WWW_ENDPOINT", "", "S3 server endpoint")
	text(&o.bucket, "bucket", "S3WWW_BUCKET", "", "bucket name with static files")
	text(&o.bucketPath, "bucketPath", "S3WWW_BUCKET_PATH", "/", "bucket path to serve static files from")
	text(&o.accessKey, "accessKey", "S3WWW_ACCESS_KEY", "", "access key of the server")
	text(&o.secretKey, "secretKey", "S3WWW_SECRET_KEY", "", "secret key of the server")
	text(&o.accessKeyFile, "accessKeyFile", "S3WWW_ACCESS_KEY_FILE", "", "file which contains the access key")
	text(&o.secretKeyFile, "secretKeyFile", "S3WWW_SECRET_KEY_FILE", "", "file which contains the secret key")
	text(&o.address, "address", "S3WWW_ADDRESS", "127.0.0.1:8080", "bind to a specific ADDRESS:PORT")
	text(&o.spaFile, "spaFile", "S3WWW_SPA_FILE", "", "if working with SPA, use this key to set the path of the index file")
	text(&o.certificate, "ssl-cert", "S3WWW_SSL_CERT", "", "TLS certificate for this server")
	text(&o.key, "ssl-key", "S3WWW_SSL_KEY", "", "TLS private key for this server")
	text(&o.origins, "allowed-cors-origins", "S3WWW_ALLOWED_CORS_ORIGINS", "", "a list of origins a cross-domain request can be executed from")
	flags.BoolVar(&o.letsEncrypt, "lets-encrypt", os.Getenv("S3WWW_LETS_ENCRYPT") == "true", "enable Let's Encrypt")
	flags.BoolVar(&o.version, "version", false, "print version")
	return o, flags.Parse(arguments)
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	if o.version {
		fmt.Println(version)
		return
	}
	handler, err := o.handler()
	if err != nil {
		log.Fatalln(err)
	}
	if o.certificate != "" && o.key != "" {
		log.Printf("Started listening on https://%s", o.address)
		log.Fatalln(http.ListenAndServeTLS(o.address, o.certificate, o.key, handler))
	}
	log.Printf("Started listening on http://%s", o.address)
	log.Fatalln(http.ListenAndServe(o.address, handler))
}

// handler returns what serves the bucket.
func (o options) handler() (http.Handler, error) {
	if o.letsEncrypt {
		return nil, errors.New("the double does not speak to Let's Encrypt")
	}
	if o.bucket == "" {
		return nil, errors.New("bucket name cannot be empty")
	}
	endpoint, err := url.Parse(o.endpoint)
	if err != nil {
		return nil, err
	}
	// Credentials are read once: a rotation needs a new pod.
	for _, pair := range []struct{ file, value *string }{{&o.accessKeyFile, &o.accessKey}, {&o.secretKeyFile, &o.secretKey}} {
		if *pair.file == "" {
			continue
		}
		content, err := os.ReadFile(*pair.file)
		if err != nil {
			return nil, err
		}
		*pair.value = strings.TrimSpace(string(content))
	}
	// An endpoint without a scheme has no host, which the client refuses.
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds:  o.credentials(),
		Secure: endpoint.Scheme == "https",
	})
	if err != nil {
		return nil, err
	}
	bucket := &bucket{client: client, name: o.bucket, path: o.bucketPath, spaFile: o.spaFile}
	return o.cors().Handler(http.FileServer(bucket)), nil
}

// credentials are the static ones only if both are given.
func (o options) credentials() *credentials.Credentials {
	if o.accessKey != "" && o.secretKey != "" {
		return credentials.NewStaticV4(o.accessKey, o.secretKey, "")
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{},
		&credentials.FileAWSCredentials{},
		&credentials.IAM{Client: http.DefaultClient},
		&credentials.EnvMinio{},
	})
}

// cors reflects every origin, with credentials, unless some are named.
func (o options) cors() *cors.Cors {
	settings := cors.Options{AllowCredentials: true, AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodOptions}, AllowedHeaders: []string{"*"}}
	if o.origins == "" {
		settings.AllowOriginFunc = func(string) bool { return true }
	} else {
		settings.AllowedOrigins = strings.Split(o.origins, ",")
	}
	return cors.New(settings)
}
