package main

import (
	"context"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// registerNode makes a node that is ready. One that is there from before a restart is good as it is.
func registerNode(ctx context.Context, client kubernetes.Interface, name string) error {
	labels := map[string]string{corev1.LabelHostname: name, corev1.LabelOSStable: "linux"}
	node, err := client.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	if err != nil {
		return err
	}
	// Admission taints a new node as not ready; a controller that is left out here would take the taint off.
	node.Spec.Taints = nil
	if node, err = client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{}); err != nil {
		return err
	}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "FakeNode"}}
	_, err = client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{})
	return err
}

// nodeFor returns the node that a DaemonSet's controller has chosen, which it says as an affinity; else any.
func (n *nodes) nodeFor(pod *corev1.Pod) string {
	if chosen := chosenNode(pod); chosen != "" {
		return chosen
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(pod.UID))
	return n.names[int(hash.Sum32()%uint32(len(n.names)))]
}

func chosenNode(pod *corev1.Pod) string {
	affinity := pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return ""
	}
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key == metav1.ObjectNameField && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}
