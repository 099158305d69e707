package main

// The fake nodes stand in for scheduler and kubelet. Written from: Kubernetes' pages on the life of a pod, on container
// states, on Secrets and on the termination of pods, and from the texts that kubelet v1.35 puts into a pod's status.
//
// Done: a pod gets a node (that of its DaemonSet, else any), its Secrets are looked up as its containers start (a missing
// one, or a missing key, that is not optional holds them back until it is there, and does not touch those that run), it
// is Running and Ready, and it goes when it is deleted. Annotations of the pod change that: see below.
//
// Left out: images, processes, probes and restarts (nothing is executed), resources, taints, selectors and affinities,
// init containers, ConfigMaps, the content of volumes, events, and nodes that fail.

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

type nodes struct {
	client kubernetes.Interface
	names  []string
	pods   corelisters.PodLister
	queue  workqueue.TypedRateLimitingInterface[cache.ObjectName]
}

// fakeNodes registers nodes with the API server and returns what tends to their pods.
func fakeNodes(ctx context.Context, client kubernetes.Interface, shared informers.SharedInformerFactory, count int) (runner, error) {
	pods := shared.Core().V1().Pods()
	n := &nodes{
		client: client,
		pods:   pods.Lister(),
		queue:  workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName]()),
	}
	for i := range count {
		name := fmt.Sprintf("fake-node-%d", i+1)
		if err := registerNode(ctx, client, name); err != nil {
			return nil, fmt.Errorf("node %s: %w", name, err)
		}
		n.names = append(n.names, name)
	}
	enqueue := func(object any) {
		if name, err := cache.ObjectToName(object); err == nil {
			n.queue.Add(name)
		}
	}
	_, err := pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, changed any) { enqueue(changed) },
	})
	return n.run, err
}

func (n *nodes) run(ctx context.Context) {
	for range workers {
		go func() {
			for n.tendNext(ctx) {
			}
		}()
	}
	<-ctx.Done()
	n.queue.ShutDown()
}

func (n *nodes) tendNext(ctx context.Context) bool {
	name, stopped := n.queue.Get()
	if stopped {
		return false
	}
	defer n.queue.Done(name)
	err := n.tend(ctx, name)
	switch {
	// The pod has changed or gone meanwhile: it is or was queued again with the change.
	case err == nil, apierrors.IsNotFound(err), apierrors.IsConflict(err):
		n.queue.Forget(name)
	case ctx.Err() == nil:
		klog.ErrorS(err, "fake node", "pod", name)
		n.queue.AddRateLimited(name)
	}
	return true
}

// tend does the next thing that a pod needs.
func (n *nodes) tend(ctx context.Context, name cache.ObjectName) error {
	pod, err := n.pods.Pods(name.Namespace).Get(name.Name)
	switch {
	case err != nil:
		return err
	case pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil:
		return n.bind(ctx, pod)
	case pod.DeletionTimestamp != nil:
		return n.stop(ctx, pod)
	default:
		return n.updateStatus(ctx, pod)
	}
}

func (n *nodes) bind(ctx context.Context, pod *corev1.Pod) error {
	return n.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: n.nodeFor(pod)},
	}, metav1.CreateOptions{})
}

// stop lets a pod go that is to be deleted, as soon as its containers have stopped.
func (n *nodes) stop(ctx context.Context, pod *corev1.Pod) error {
	if left := stopsIn(pod); left > 0 {
		n.queue.AddAfter(cache.MetaObjectToName(pod), left)
		return nil
	}
	now := int64(0)
	return n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      &metav1.Preconditions{UID: &pod.UID},
	})
}

func (n *nodes) updateStatus(ctx context.Context, pod *corev1.Pod) error {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return nil
	}
	changed := pod.DeepCopy()
	waiting := waitingByAnnotation(pod)
	if !hasStarted(pod) && waiting == nil {
		inputs, err := readSecrets(ctx, n.client, pod)
		if err != nil {
			return err
		}
		waiting = inputs.waiting
		recordInputs(changed, inputs)
	}
	again := setStatus(changed, waiting)
	if again > 0 {
		n.queue.AddAfter(cache.MetaObjectToName(pod), again)
	}
	if equality.Semantic.DeepEqual(pod.Status, changed.Status) {
		return nil
	}
	_, err := n.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	return err
}
