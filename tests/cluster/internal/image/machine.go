package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// busybox returns the entries of a shell and its tools: the machine's static
// busybox and a link for each of its applets.
func busybox() ([]Entry, error) {
	binary, err := exec.LookPath("busybox")
	if err != nil {
		return nil, errors.New("The program busybox is not installed. Run `make setup`, or install Debian's package busybox-static.")
	}
	if linked, err := libraries(binary); err != nil {
		return nil, err
	} else if len(linked) > 0 {
		return nil, fmt.Errorf("%s is not a static program, so it cannot be the shell of an image. Install Debian's package busybox-static instead of busybox.", binary)
	}
	list, err := exec.Command(binary, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("busybox does not list its tools: %w", err)
	}
	entries := []Entry{{Path: "/bin/busybox", Mode: 0o755, Source: binary}}
	for _, applet := range strings.Fields(string(list)) {
		if applet != "busybox" {
			entries = append(entries, Entry{Path: "/bin/" + applet, Mode: 0o777, Link: "busybox"})
		}
	}
	// Scripts begin with `#!/usr/bin/env` wherever they run.
	return append(entries, Entry{Path: "/usr/bin/env", Mode: 0o777, Link: "../../bin/busybox"}), nil
}

// libraryPath is a path in ldd's output: behind an arrow, or first on its
// line (the loader itself).
var libraryPath = regexp.MustCompile(`(?m)(?:=>\s+|^\s+)(/\S+)\s+\(0x`)

// libraries returns the paths of the shared libraries that programs need, none
// for a static one.
func libraries(programs ...string) ([]string, error) {
	output, err := exec.Command("ldd", programs...).CombinedOutput()
	if err != nil {
		// A static program makes ldd fail, with one of two texts.
		if strings.Contains(string(output), "not a dynamic executable") || strings.Contains(string(output), "statically linked") {
			return nil, nil
		}
		return nil, fmt.Errorf("The libraries of %s cannot be found: %w: %s", strings.Join(programs, ", "), err, output)
	}
	return parseLibraries(string(output)), nil
}

func parseLibraries(output string) []string {
	var paths []string
	for _, match := range libraryPath.FindAllStringSubmatch(output, -1) {
		paths = append(paths, match[1])
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// dynamicProgram returns the entries of a program of the machine and of the
// libraries that it needs, at the paths where its loader looks.
func dynamicProgram(name, target string) ([]Entry, error) {
	binary, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("The program %s is not installed. Run `make setup`, or install Debian's package of that name.", name)
	}
	paths, err := libraries(binary)
	if err != nil {
		return nil, err
	}
	entries := []Entry{{Path: target, Mode: 0o755, Source: binary}}
	for _, library := range paths {
		entries = append(entries, Entry{Path: path.Clean(library), Mode: 0o755, Source: library})
	}
	return entries, nil
}

// extensionPatterns are where distributions keep the extensions of iptables,
// which it loads when a rule needs them; extensionFolder is where an image has
// them.
var extensionPatterns = []string{"/usr/lib/*/xtables/*.so", "/usr/lib/xtables/*.so", "/usr/lib64/xtables/*.so"}

const extensionFolder = "/usr/lib/xtables"

// packetFilter returns the entries of iptables, under the names that write
// rules, and of ipset: the machine's own, so that they write the same kind of
// rules as kube-proxy.
func packetFilter() ([]Entry, error) {
	iptables, err := dynamicProgram("iptables", "/usr/sbin/iptables")
	if err != nil {
		return nil, err
	}
	ipset, err := dynamicProgram("ipset", "/usr/sbin/ipset")
	if err != nil {
		return nil, err
	}
	entries := append(iptables, ipset...)
	for _, name := range []string{"iptables-save", "iptables-restore"} {
		entries = append(entries, Entry{Path: "/usr/sbin/" + name, Mode: 0o777, Link: "iptables"})
	}
	var extensions []string
	for _, pattern := range extensionPatterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		extensions = append(extensions, found...)
	}
	if len(extensions) == 0 {
		return nil, fmt.Errorf("The extensions of iptables are in none of %s. Install Debian's package iptables.", strings.Join(extensionPatterns, ", "))
	}
	for _, extension := range extensions {
		entries = append(entries, Entry{Path: path.Join(extensionFolder, path.Base(extension)), Mode: 0o644, Source: extension})
	}
	needed, err := libraries(extensions...)
	if err != nil {
		return nil, err
	}
	for _, library := range needed {
		entries = append(entries, Entry{Path: path.Clean(library), Mode: 0o755, Source: library})
	}
	return once(entries), nil
}

// once returns the entries without those whose path an earlier one has.
func once(entries []Entry) []Entry {
	known := map[string]bool{}
	return slices.DeleteFunc(entries, func(entry Entry) bool {
		again := known[entry.Path]
		known[entry.Path] = true
		return again
	})
}

// certificateBundles are where distributions keep the trusted authorities.
var certificateBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
}

// certificates returns the entry with the machine's trusted authorities.
func certificates() (Entry, error) {
	for _, bundle := range certificateBundles {
		if _, err := os.Stat(bundle); err == nil {
			return Entry{Path: certificateBundles[0], Mode: 0o644, Source: bundle}, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Entry{}, err
		}
	}
	return Entry{}, errors.New("The machine has no bundle of trusted certificate authorities. Install the package ca-certificates.")
}
