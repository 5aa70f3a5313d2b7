// Package zmq speaks as much of ZeroMQ's wire protocol, ZMTP 3.0 over TCP with the
// NULL mechanism, as it takes to hear a coin daemon's publisher (zmqpubhashblock,
// zmqpubrawblock) and to be one for tests and for the embedded coin.
//
// It is our own because what answers at the configured address may be anything.
// github.com/go-zeromq/zmq4 v0.17.0, the one library without C, makes room for
// whatever length a frame's head claims: nine bytes from a stranger end the program.
// Here a message takes Subscriber.Keep bytes, whatever its length, and messages that
// come faster than any chain's are left waiting in the peer's buffers.
//
// What a message means is the caller's. Subscriber.Run and Publisher.Serve block, own
// what they start, and have ended it when they return. A Subscriber never gives up:
// what goes wrong costs a connection and some seconds.
//
// The protocol: https://rfc.zeromq.org/spec/23/ (ZMTP 3.0); the publisher of daemons:
// doc/zmq.md of Bitcoin Core.
package zmq
