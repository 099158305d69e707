package main

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	discovery "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"
)

const (
	workers = 4
	// resync is long: a controller that needed it would have a fault that the tests should show.
	resync = 10 * time.Hour
	// discoveryInterval is how long garbage collection may not know of a kind that was installed just now.
	discoveryInterval = 10 * time.Second
)

// runner is a controller that was made and not started yet.
type runner func(ctx context.Context)

// controllers makes runners over one set of informers.
type controllers struct {
	client    kubernetes.Interface
	metadata  metadata.Interface
	informers informers.SharedInformerFactory
	// metadataInformers is for kinds of which only the metadata is read.
	metadataInformers metadatainformer.SharedInformerFactory
	// informersStarted is closed when every controller has said which informers it wants.
	informersStarted chan struct{}
}

// startControllers starts upstream's controllers and the fake nodes, and returns when they have seen every object.
func startControllers(ctx context.Context, config *rest.Config, nodes int) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	c := controllers{
		client:            client,
		metadata:          metadataClient,
		informers:         informers.NewSharedInformerFactory(client, resync),
		metadataInformers: metadatainformer.NewSharedInformerFactory(metadataClient, resync),
		informersStarted:  make(chan struct{}),
	}
	runners, err := c.makeAll(ctx, nodes)
	if err != nil {
		return err
	}
	c.informers.Start(ctx.Done())
	c.metadataInformers.Start(ctx.Done())
	close(c.informersStarted)
	for kind, synced := range c.informers.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return errors.New("stopped before every " + kind.String() + " was read")
		}
	}
	for _, run := range runners {
		go run(ctx)
	}
	return nil
}

func (c *controllers) makeAll(ctx context.Context, nodes int) ([]runner, error) {
	var runners []runner
	for _, each := range []func(context.Context) (runner, error){
		c.deployments, c.replicaSets, c.statefulSets, c.daemonSets, c.serviceAccounts, c.namespaces, c.garbageCollection,
		func(ctx context.Context) (runner, error) { return fakeNodes(ctx, c.client, c.informers, nodes) },
	} {
		run, err := each(ctx)
		if err != nil {
			return nil, err
		}
		runners = append(runners, run)
	}
	return runners, nil
}

func (c *controllers) deployments(ctx context.Context) (runner, error) {
	apps := c.informers.Apps().V1()
	made, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), c.informers.Core().V1().Pods(), c.client)
	return func(ctx context.Context) { made.Run(ctx, workers) }, err
}

func (c *controllers) replicaSets(ctx context.Context) (runner, error) {
	made := replicaset.NewReplicaSetController(ctx, c.informers.Apps().V1().ReplicaSets(), c.informers.Core().V1().Pods(), c.client, replicaset.BurstReplicas)
	return func(ctx context.Context) { made.Run(ctx, workers) }, nil
}

func (c *controllers) statefulSets(ctx context.Context) (runner, error) {
	apps, core := c.informers.Apps().V1(), c.informers.Core().V1()
	made := statefulset.NewStatefulSetController(ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), c.client)
	return func(ctx context.Context) { made.Run(ctx, workers) }, nil
}

func (c *controllers) daemonSets(ctx context.Context) (runner, error) {
	apps, core := c.informers.Apps().V1(), c.informers.Core().V1()
	failedPods := flowcontrol.NewBackOff(time.Second, 15*time.Minute)
	made, err := daemon.NewDaemonSetsController(ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(), core.Nodes(), c.client, failedPods)
	return func(ctx context.Context) { made.Run(ctx, workers) }, err
}

func (c *controllers) serviceAccounts(ctx context.Context) (runner, error) {
	core := c.informers.Core().V1()
	made, err := serviceaccount.NewServiceAccountsController(klog.FromContext(ctx), core.ServiceAccounts(), core.Namespaces(), c.client, serviceaccount.DefaultServiceAccountsControllerOptions())
	return func(ctx context.Context) { made.Run(ctx, workers) }, err
}

func (c *controllers) namespaces(ctx context.Context) (runner, error) {
	kinds := c.client.Discovery().ServerPreferredNamespacedResources
	made := namespace.NewNamespaceController(ctx, c.client, c.metadata, kinds, c.informers.Core().V1().Namespaces(), resync, corev1.FinalizerKubernetes)
	return func(ctx context.Context) { made.Run(ctx, workers) }, nil
}

func (c *controllers) garbageCollection(ctx context.Context) (runner, error) {
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(discovery.NewMemCacheClient(c.client.Discovery()))
	shared := informerfactory.NewInformerFactory(c.informers, c.metadataInformers)
	made, err := garbagecollector.NewGarbageCollector(ctx, c.client, c.metadata, mapper, garbagecollector.DefaultIgnoredResources(), shared, c.informersStarted)
	return func(ctx context.Context) {
		go wait.UntilWithContext(ctx, func(context.Context) { mapper.Reset() }, discoveryInterval)
		go made.Run(ctx, workers, discoveryInterval)
		made.Sync(ctx, c.client.Discovery(), discoveryInterval)
	}, err
}
