package image

import (
	"fmt"
	"os"
	"strings"

	"terraform.local/s3www/cluster/internal/config"
)

func listPath(cluster config.Config) string { return cluster.Path("config", "images") }

// WriteList notes the archives that a new cluster imports, one a line.
func WriteList(cluster config.Config, archives []string) error {
	return os.WriteFile(listPath(cluster), []byte(strings.Join(archives, "\n")+"\n"), 0o644)
}

// ReadList returns the archives that WriteList noted.
func ReadList(cluster config.Config) ([]string, error) {
	text, err := os.ReadFile(listPath(cluster))
	if err != nil {
		return nil, fmt.Errorf("The list of images cannot be read: %w", err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n"), nil
}
