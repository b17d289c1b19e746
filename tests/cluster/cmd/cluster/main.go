// Command cluster runs a real Kubernetes on this machine, in one process tree
// with namespaces of its own.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/lifecycle"
	"terraform.local/s3www/cluster/internal/node"
)

const usage = `Usage: cluster COMMAND

  up                        start the cluster and wait until it works
  down                      end it and remove everything of it
  status                    show what runs, and whether it works
  kubeconfig                print the path of the administrator's kubeconfig
  files                     print the folder and the URL of the file server
  logs [COMPONENT]          print a component's log, or the last lines of each
  signal COMPONENT SIGNAL   send STOP, CONT, TERM or KILL to a component

Environment:
  S3WWW_CLUSTER             the cluster's name (default: local)
  S3WWW_CLUSTER_SUBNET      its network (default: 10.99.0.0/24)
  S3WWW_CLUSTER_NODES       how many nodes it has (default: 1)
  S3WWW_STATE_DIR           where clusters keep their files
                            (default: ${XDG_STATE_HOME:-~/.local/state}/s3www-provider)
  S3WWW_TOOLS               where the programs are that it runs
                            (default: beside this program)
  S3WWW_BIN                 an s3www binary to use instead of the tests' double
  S3WWW_CLUSTER_OPERATORS   not empty: with the images of the Prometheus Operator
                            and of the other programs of ` + "`make test-operators`" + `
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	cluster, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	command, rest := "", []string(nil)
	if len(arguments) > 0 {
		command, rest = arguments[0], arguments[1:]
	}
	switch {
	case command == node.Init:
		return node.RunInit(cluster)
	case command == node.Supervise:
		return node.RunSupervisor(cluster)
	case command == node.Join && len(rest) == 1:
		return node.RunJoined(cluster, rest[0])
	case command == "up" && len(rest) == 0:
		return lifecycle.Up(ctx, cluster, os.Stdout)
	case command == "down" && len(rest) == 0:
		return lifecycle.Down(cluster, os.Stdout)
	case command == "status" && len(rest) == 0:
		return lifecycle.Status(ctx, cluster, os.Stdout)
	case command == "kubeconfig" && len(rest) == 0:
		fmt.Println(cluster.Kubeconfig())
		return nil
	case command == "files" && len(rest) == 0:
		fmt.Printf("%s\n%s\n", cluster.Path("www"), cluster.FilesURL())
		return nil
	case command == "logs" && len(rest) <= 1:
		return lifecycle.Logs(cluster, append(rest, "")[0], os.Stdout)
	case command == "signal" && len(rest) == 2:
		return lifecycle.Signal(cluster, rest[0], rest[1])
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
		return nil
	}
}
