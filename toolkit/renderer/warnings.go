package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
)

const maxWarnings = 1 << 20

// capture collects what the library says on standard error and in the log, render by render.
type capture struct {
	pipe  *os.File
	marks int

	lock  sync.Mutex
	grown *sync.Cond
	text  bytes.Buffer
}

// newCapture takes over os.Stderr and the log. Descriptor 2 stays what it was: a crash is told there.
func newCapture() (*capture, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c := &capture{pipe: write}
	c.grown = sync.NewCond(&c.lock)
	go c.follow(read)
	os.Stderr = write
	log.SetFlags(0)
	log.SetOutput(c)
	return c, nil
}

func (c *capture) follow(read *os.File) {
	chunk := make([]byte, 4096)
	for {
		n, err := read.Read(chunk)
		c.lock.Lock()
		c.text.Write(chunk[:n])
		if over := c.text.Len() - maxWarnings; over > 0 {
			c.text.Next(over)
		}
		c.grown.Broadcast()
		c.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// Write is for the log, whose Fatal ends the process: it is told on descriptor 2 as well.
func (c *capture) Write(line []byte) (int, error) {
	_, _ = complaints.Write(line)
	return c.pipe.Write(line)
}

// take returns the lines that came since the last time.
func (c *capture) take() []string {
	c.marks++
	mark := fmt.Sprintf("\x00mark %d\x00", c.marks)
	if _, err := c.pipe.WriteString(mark); err != nil {
		return nil
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	for !bytes.HasSuffix(c.text.Bytes(), []byte(mark)) {
		c.grown.Wait()
	}
	text := strings.TrimSuffix(c.text.String(), mark)
	c.text.Reset()
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			lines = append(lines, asText(line))
		}
	}
	return lines
}
