package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestParseStatCountsBehindTheName(t *testing.T) {
	line := "42 (a ) b (c)) S 7 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 1000 1 18446744073709551615\n"
	got, err := parseStat(line)
	if err != nil || got.state != "S" || got.parent != 7 || got.startTime != 98765 {
		t.Errorf("parseStat = %+v, %v", got, err)
	}
	for _, bad := range []string{"", "42", "42 (name) S 7", "42 (name) S x 1 1 0 -1 1 1 0 0 0 0 0 0 0 20 0 1 0 5 1"} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("parseStat(%q) succeeded", bad)
		}
	}
}

func TestKillEndsThatVeryProcessOnly(t *testing.T) {
	command := exec.Command("sleep", "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()         //nolint:errcheck // it was killed
	defer command.Process.Kill() //nolint:errcheck // perhaps it is dead
	identity, err := Identify(command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, stranger := range []Identity{
		{PID: identity.PID, StartTime: identity.StartTime + 1, BootID: identity.BootID},
		{PID: identity.PID, StartTime: identity.StartTime, BootID: "another boot"},
	} {
		if stranger.Running() {
			t.Errorf("%+v runs", stranger)
		}
		if err := stranger.Kill(); err != nil {
			t.Error(err)
		}
	}
	if !identity.Running() {
		t.Fatal("a process was ended by another's record")
	}
	if err := identity.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	if identity.Running() {
		t.Error("the process runs on")
	}
	if err := identity.Kill(); err != nil {
		t.Errorf("ending it twice: %v", err)
	}
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record")
	if _, found, err := Load(path); found || err != nil {
		t.Errorf("Load of nothing = %v, %v", found, err)
	}
	want, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, found, err := Load(path); got != want || !found || err != nil {
		t.Errorf("Load = %+v, %v, %v", got, found, err)
	}
	if !want.Running() {
		t.Error("this test does not run")
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(path); err == nil {
		t.Error("a damaged record was taken for none")
	}
}

func TestChildren(t *testing.T) {
	command := exec.Command("sleep", "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()         //nolint:errcheck // it was killed
	defer command.Process.Kill() //nolint:errcheck // it runs
	children, err := Children(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range children {
		if child.PID == command.Process.Pid && child.Program == "sleep" {
			return
		}
	}
	t.Errorf("the child is not in %v", children)
}
