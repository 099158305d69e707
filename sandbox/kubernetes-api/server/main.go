// Command server is a Kubernetes cluster without machines, for tests and the demo. In one process it runs what a cluster
// runs upstream, unchanged and in the versions that go.mod pins: etcd, kube-apiserver, and the controllers for
// Deployments, ReplicaSets, StatefulSets, DaemonSets, ServiceAccounts, Namespaces and garbage collection. The nodes are
// ours: see fake_node.go for what they do and leave out.
//
// Left out: the scheduler (the fake nodes take every pod), Services and endpoints, volumes, quotas, Jobs, autoscaling,
// certificates for clients, and every controller that is not named above. With "-authentication-webhook" tokens that are
// not the administrator's and not a service account's are reviewed by that URL, each time anew: nothing is cached.
//
// It listens on 127.0.0.1 only, authenticates every request and authorizes by RBAC. When it is ready it prints one line
// of JSON, {"kubeconfig": path, "server": URL}; the kubeconfig is the administrator's (system:masters). It ends on
// SIGTERM and SIGINT, when its standard input is closed, and when its parent process is gone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

// stopLimit is how long the API server may take to end its requests, watches among them, before the process ends anyway.
const stopLimit = 2 * time.Second

type settings struct {
	data                  string
	port                  int
	nodes                 int
	authenticationWebhook string
}

func main() {
	var s settings
	flag.StringVar(&s.data, "data", "", "folder of the objects and credentials, which are found again at the next start; default: a temporary one, removed at the end")
	flag.IntVar(&s.port, "port", 0, "port on 127.0.0.1; 0: a free one")
	flag.IntVar(&s.nodes, "nodes", 3, "number of fake nodes")
	flag.StringVar(&s.authenticationWebhook, "authentication-webhook", "", "URL that reviews tokens (TokenReview v1), or the path of a kubeconfig that says how to reach it")
	flag.Parse()
	if err := run(s); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-api:", err)
		os.Exit(1)
	}
}

func run(s settings) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	// A parent that was killed reads no output any more; what is temporary is removed all the same.
	signal.Ignore(syscall.SIGPIPE)
	go cancelWithParent(ctx, cancel)

	folder, err := openFolder(s.data)
	if err != nil {
		return err
	}
	defer folder.close()
	if err := logTo(folder.file("kubernetes.log")); err != nil {
		return err
	}
	database, err := startEtcd(folder)
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	defer database.stop()
	server, err := startAPIServer(ctx, folder, database.url, s)
	if err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	if err := startControllers(ctx, server.config, s.nodes); err != nil {
		return fmt.Errorf("controllers: %w", err)
	}
	ready := map[string]string{"kubeconfig": server.kubeconfig, "server": server.config.Host}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	return waitForEnd(ctx, server)
}

// waitForEnd returns nil when the server was asked to end, whether or not it managed to in time.
func waitForEnd(ctx context.Context, server *apiServer) error {
	select {
	case err := <-server.ended:
		if ctx.Err() != nil {
			return nil
		}
		return errors.Join(errors.New("kube-apiserver ended by itself"), err)
	case <-ctx.Done():
	}
	select {
	case <-server.ended:
	case <-time.After(stopLimit):
	}
	return nil
}

// logTo keeps standard error for what ends the process.
func logTo(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	klog.LogToStderr(false)
	klog.SetOutput(file)
	return flags.Set("stderrthreshold", "FATAL")
}
