// Package files is a web server for the files that demo and tests load: the
// machine and the pods reach it under one address, so a URL means the same to
// both.
package files

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"terraform.local/s3www/cluster/internal/config"
)

// Folder returns the folder that is served.
func Folder(cluster config.Config) string { return cluster.Path("www") }

// Serve serves the folder until it fails.
func Serve(cluster config.Config) error {
	if err := os.MkdirAll(Folder(cluster), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(cluster.Path("logs", "files.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	logger := log.New(out, "", log.LstdFlags|log.LUTC)
	folder := http.FileServer(http.Dir(Folder(cluster)))
	server := http.Server{
		Addr:              fmt.Sprintf(":%d", config.FilesPort),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          logger,
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			logger.Printf("%s %s %s", request.RemoteAddr, request.Method, request.URL.Path)
			folder.ServeHTTP(response, request)
		}),
	}
	return server.ListenAndServe()
}
