package image

import (
	"reflect"
	"testing"
)

func TestParseLibraries(t *testing.T) {
	output := "\tlinux-vdso.so.1 (0x00007ffd0d5f6000)\n" +
		"\tlibcurl.so.4 => /lib/x86_64-linux-gnu/libcurl.so.4 (0x00007f1b5a000000)\n" +
		"\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1b59e00000)\n" +
		"\t/lib64/ld-linux-x86-64.so.2 (0x00007f1b5a2b0000)\n" +
		"/usr/lib/x86_64-linux-gnu/xtables/libxt_set.so:\n" +
		"\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1b59e00000)\n"
	want := []string{"/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libcurl.so.4", "/lib64/ld-linux-x86-64.so.2"}
	if got := parseLibraries(output); !reflect.DeepEqual(got, want) {
		t.Errorf("parseLibraries = %q", got)
	}
}

func TestBaseIsAStaticShell(t *testing.T) {
	entries, err := base()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, entry := range entries {
		if have[entry.Path] {
			t.Errorf("%s is there twice", entry.Path)
		}
		have[entry.Path] = true
	}
	for _, path := range []string{"/bin/sh", "/bin/sha256sum", "/bin/sleep", "/bin/grep", "/tmp", "/etc/passwd"} {
		if !have[path] {
			t.Errorf("%s is missing", path)
		}
	}
}

func TestOnceKeepsTheFirst(t *testing.T) {
	entries := once([]Entry{{Path: "/a", Mode: 1}, {Path: "/b"}, {Path: "/a", Mode: 2}})
	if want := []Entry{{Path: "/a", Mode: 1}, {Path: "/b"}}; !reflect.DeepEqual(entries, want) {
		t.Errorf("once = %v", entries)
	}
}
