package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const (
	readyLimit    = 120 * time.Second
	readyInterval = 50 * time.Millisecond
)

type apiServer struct {
	// config is the administrator's, without a limit of requests per second.
	config     *rest.Config
	kubeconfig string
	// ended gets the server's error, or nil, when it has ended.
	ended <-chan error
}

// startAPIServer returns when the server is ready.
func startAPIServer(ctx context.Context, f *folder, etcdURL string, s settings) (*apiServer, error) {
	identity, err := ensureCredentials(f)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	arguments, err := apiServerArguments(f, etcdURL, port, s.authenticationWebhook)
	if err != nil {
		return nil, err
	}
	ended, err := serve(ctx, listener, arguments)
	if err != nil {
		return nil, err
	}
	server := &apiServer{
		config: &rest.Config{
			Host:            fmt.Sprintf("https://127.0.0.1:%d", port),
			BearerToken:     identity.adminToken,
			TLSClientConfig: rest.TLSClientConfig{CAData: identity.certificate},
			QPS:             -1,
		},
		kubeconfig: f.file(kubeconfigFile),
		ended:      ended,
	}
	if err := server.waitUntilReady(ctx); err != nil {
		return nil, err
	}
	return server, writeKubeconfig(server.kubeconfig, server.config)
}

func apiServerArguments(f *folder, etcdURL string, port int, webhook string) ([]string, error) {
	arguments := []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + f.file(certificateFile),
		"--tls-private-key-file=" + f.file(privateKeyFile),
		"--token-auth-file=" + f.file(tokensFile),
		"--anonymous-auth=false",
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + f.file(signingKeyFile),
		"--service-account-signing-key-file=" + f.file(signingKeyFile),
		"--service-cluster-ip-range=10.96.0.0/16",
		// The Service "kubernetes" has no endpoint: a loopback address is not allowed as one, and nothing would use it.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--profiling=false",
	}
	if webhook == "" {
		return arguments, nil
	}
	config, err := webhookConfig(f, webhook)
	return append(arguments,
		"--authentication-token-webhook-config-file="+config,
		"--authentication-token-webhook-version=v1",
		"--authentication-token-webhook-cache-ttl=0",
	), err
}

// serve runs kube-apiserver as its command does with these arguments, on a listener that is open already.
func serve(ctx context.Context, listener net.Listener, arguments []string) (<-chan error, error) {
	run := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range run.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	run.SecureServing.Listener = listener
	// The cache of reviewed tokens that no argument switches off: an expired token would be good for 10 s more.
	run.Authentication.TokenSuccessCacheTTL = 0
	if err := run.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := run.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if problems := completed.Validate(); len(problems) > 0 {
		return nil, utilerrors.NewAggregate(problems)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, completed) }()
	return ended, nil
}

func (s *apiServer) waitUntilReady(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return err
	}
	limit := time.After(readyLimit)
	for {
		body, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		if err == nil && string(body) == "ok" {
			return nil
		}
		select {
		case ended := <-s.ended:
			return errors.Join(errors.New("ended before it was ready"), ended)
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return errors.Join(fmt.Errorf("not ready within %s", readyLimit), err)
		case <-time.After(readyInterval):
		}
	}
}
