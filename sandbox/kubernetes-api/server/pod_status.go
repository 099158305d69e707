package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// waitingInterval is how soon a container that cannot start is tried again.
const waitingInterval = 500 * time.Millisecond

// hasStarted says whether the pod's containers run.
func hasStarted(pod *corev1.Pod) bool { return pod.Status.Phase == corev1.PodRunning }

// setStatus writes what a kubelet would report of a pod whose containers wait for a reason, or start or run (nil). It
// returns how soon to look again, 0: when the pod changes.
func setStatus(pod *corev1.Pod, waiting *corev1.ContainerStateWaiting) time.Duration {
	now := metav1.Now().Rfc3339Copy()
	status := &pod.Status
	status.ObservedGeneration = pod.Generation
	if status.StartTime == nil {
		status.StartTime = &now
	}
	if waiting != nil {
		status.Phase = corev1.PodPending
		setContainers(pod, corev1.ContainerState{Waiting: waiting}, false)
		setConditions(status, now, false)
		return waitingInterval
	}
	startedAt := now
	if len(status.ContainerStatuses) > 0 && status.ContainerStatuses[0].State.Running != nil {
		startedAt = status.ContainerStatuses[0].State.Running.StartedAt
	}
	left, held := readyIn(pod, startedAt.Time)
	isReady := left == 0 && !held
	status.Phase = corev1.PodRunning
	status.HostIP, status.PodIP = "127.0.0.1", "10.244.0.1"
	status.HostIPs, status.PodIPs = []corev1.HostIP{{IP: status.HostIP}}, []corev1.PodIP{{IP: status.PodIP}}
	setContainers(pod, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: startedAt}}, isReady)
	setConditions(status, now, isReady)
	return left
}

func setContainers(pod *corev1.Pod, state corev1.ContainerState, isReady bool) {
	started := state.Running != nil
	statuses := make([]corev1.ContainerStatus, 0, len(pod.Spec.Containers))
	for _, container := range pod.Spec.Containers {
		statuses = append(statuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, State: state, Ready: isReady, Started: &started,
		})
	}
	pod.Status.ContainerStatuses = statuses
}

func setConditions(status *corev1.PodStatus, now metav1.Time, isReady bool) {
	setCondition(status, now, corev1.PodScheduled, true)
	setCondition(status, now, corev1.PodInitialized, true)
	setCondition(status, now, corev1.ContainersReady, isReady)
	setCondition(status, now, corev1.PodReady, isReady)
}

func setCondition(status *corev1.PodStatus, now metav1.Time, kind corev1.PodConditionType, isTrue bool) {
	condition := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now}
	if !isTrue {
		condition.Status, condition.Reason = corev1.ConditionFalse, "ContainersNotReady"
	}
	for i, found := range status.Conditions {
		if found.Type != kind {
			continue
		}
		if found.Status != condition.Status {
			status.Conditions[i] = condition
		}
		return
	}
	status.Conditions = append(status.Conditions, condition)
}
