package main

import (
	"errors"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

const (
	etcdStartLimit = 60 * time.Second
	etcdSocket     = "etcd.sock"
)

type etcd struct {
	// url has the socket's path as it is: the client does not decode one that is escaped.
	url  string
	stop func()
}

// startEtcd runs a cluster of one member behind a Unix socket. It does not wait for the disk: what it has written outlives
// its own sudden death, though not the machine's.
func startEtcd(f *folder) (*etcd, error) {
	config := embed.NewConfig()
	config.Dir = f.file("etcd")
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	config.LogOutputs = []string{f.file("etcd.log")}
	socket := url.URL{Scheme: "unix", Path: f.socket(etcdSocket)}
	// No other member exists, so there is nobody to listen to; the addresses to advertise must nevertheless have a port.
	nowhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:1"}}
	config.ListenClientUrls = []url.URL{socket}
	config.ListenPeerUrls = nil
	config.AdvertiseClientUrls, config.AdvertisePeerUrls = nowhere, nowhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	running, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-running.Server.ReadyNotify():
		return &etcd{url: "unix://" + socket.Path, stop: running.Close}, nil
	case err = <-running.Err():
	case <-time.After(etcdStartLimit):
		err = errors.New("not ready within " + etcdStartLimit.String())
	}
	running.Close()
	return nil, err
}
