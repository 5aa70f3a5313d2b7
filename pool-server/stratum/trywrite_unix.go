//go:build unix

package stratum

import "syscall"

// canTry says whether attempt.write works here.
const canTry = true

// write makes one attempt on a socket that Go has set not to block. It always
// answers true: do not wait for the socket.
func (a *attempt) write(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), a.b)
		switch err {
		case nil:
			a.n = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			a.err = err
		}
		return true
	}
}
