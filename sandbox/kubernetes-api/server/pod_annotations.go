package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Annotations of a pod (put them into a workload's template) that say how it fares. Taking one off a live pod ends its
// effect.
const (
	// annotationHold: with any value but "", the containers run and are never ready, as when a probe fails.
	annotationHold = "fake-node.test/hold"
	// annotationWaiting: the containers never start; the value is the reason, e.g. ErrImagePull or CrashLoopBackOff.
	annotationWaiting = "fake-node.test/waiting"
	// annotationReadyAfter: the containers are ready this long after their start, e.g. "3s"; starts count in whole seconds.
	annotationReadyAfter = "fake-node.test/ready-after"
	// annotationStopsAfter: a deleted pod takes this long to stop, at most its grace period, e.g. "3s".
	annotationStopsAfter = "fake-node.test/stops-after"
	// annotationStartedWith is written by the fake node: JSON of each Secret's name and its resourceVersion as the
	// containers started. What a pod really runs with, to hold claims of adoption against.
	annotationStartedWith = "fake-node.test/started-with"
)

func duration(pod *corev1.Pod, annotation string) (time.Duration, error) {
	text := pod.Annotations[annotation]
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

// waitingByAnnotation returns why the containers do not start, nil where no annotation says so or they have started.
func waitingByAnnotation(pod *corev1.Pod) *corev1.ContainerStateWaiting {
	if hasStarted(pod) {
		return nil
	}
	for _, annotation := range []string{annotationReadyAfter, annotationStopsAfter} {
		if _, err := duration(pod, annotation); err != nil {
			return &corev1.ContainerStateWaiting{Reason: "InvalidAnnotation", Message: fmt.Sprintf("%s: %v", annotation, err)}
		}
	}
	switch reason := pod.Annotations[annotationWaiting]; reason {
	case "":
		return nil
	case "ErrImagePull", "ImagePullBackOff":
		image := pod.Spec.Containers[0].Image
		return &corev1.ContainerStateWaiting{Reason: reason, Message: fmt.Sprintf("failed to pull and unpack image %q: not found", image)}
	default:
		return &corev1.ContainerStateWaiting{Reason: reason, Message: "as the annotation " + annotationWaiting + " says"}
	}
}

// readyIn returns how long it is until the containers are ready; held: for ever.
func readyIn(pod *corev1.Pod, startedAt time.Time) (left time.Duration, held bool) {
	if pod.Annotations[annotationHold] != "" {
		return 0, true
	}
	after, err := duration(pod, annotationReadyAfter)
	if err != nil {
		return 0, true
	}
	return max(0, time.Until(startedAt.Add(after))), false
}

// stopsIn returns how long a pod that is being deleted still runs.
func stopsIn(pod *corev1.Pod) time.Duration {
	after, err := duration(pod, annotationStopsAfter)
	if err != nil || after == 0 || pod.DeletionGracePeriodSeconds == nil {
		return 0
	}
	grace := time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
	requestedAt := pod.DeletionTimestamp.Add(-grace)
	return max(0, time.Until(requestedAt.Add(min(after, grace))))
}
