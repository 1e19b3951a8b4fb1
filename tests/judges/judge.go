// An independent judge of a log's files, on golang.org/x/mod: note for signed texts, tlog for the tree.
//
// usage: judge DIR LOG-VKEY RECORDER-VKEY WITNESS-VKEY... ; receipts are read in DIR/receipts, consistency proofs in
// DIR/consistency ("old size", "old root" and hashes, one a line). Every line of the checkpoint must be verified.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

func read(parts ...string) []byte {
	raw, err := os.ReadFile(filepath.Join(parts...))
	check(err, "read")
	return raw
}

// A witness's key: x/mod knows plain Ed25519 only, so the cosignature's message is built here, from the specification.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(w.key, []byte(message), sig[8:])
}

func parseWitness(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err, "witness")
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "witness")
	if raw[0] != 4 || len(raw) != 33 {
		fail("witness: not an Ed25519 cosigner")
	}
	return witness{parts[0], uint32(hash), ed25519.PublicKey(raw[1:])}
}

func parseTree(text, origin string) tlog.Tree {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		fail("checkpoint: not three lines of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "checkpoint")
	root, err := tlog.ParseHash(lines[2])
	check(err, "checkpoint")
	return tlog.Tree{N: size, Hash: root}
}

// path maps x/mod's own tile paths to those of C2SP.
func path(tile tlog.Tile) string {
	own := tile.Path()
	if tile.L == -1 {
		return strings.Replace(own, "tile/8/data/", "tile/entries/", 1)
	}
	return strings.Replace(own, "tile/8/", "tile/", 1)
}

type files struct{ dir string }

func (f files) Height() int { return height }
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		raw, err := os.ReadFile(filepath.Join(f.dir, path(tile)))
		if err != nil {
			return nil, err
		}
		if len(raw) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tile.Path(), len(raw))
		}
		data = append(data, raw)
	}
	return data, nil
}
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func entries(dir string, size int64) [][]byte {
	var all [][]byte
	for start := int64(0); start < size; start += 256 {
		width := size - start
		if width > 256 {
			width = 256
		}
		raw := read(dir, path(tlog.Tile{H: height, L: -1, N: start / 256, W: int(width)}))
		for n := int64(0); n < width; n++ {
			length := int(binary.BigEndian.Uint16(raw))
			all = append(all, raw[2:2+length])
			raw = raw[2+length:]
		}
		if len(raw) > 0 {
			fail("bundle %d: %d bytes too many", start/256, len(raw))
		}
	}
	return all
}

func hashes(lines []string) []tlog.Hash {
	var found []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		check(err, "proof")
		found = append(found, hash)
	}
	return found
}

func main() {
	dir, origin := os.Args[1], strings.SplitN(os.Args[2], "+", 2)[0]
	logKey, err := note.NewVerifier(os.Args[2])
	check(err, "log key")
	recorder, err := note.NewVerifier(os.Args[3])
	check(err, "recorder key")
	keys := []note.Verifier{logKey}
	for _, vkey := range os.Args[4:] {
		keys = append(keys, parseWitness(vkey))
	}
	open := func(raw []byte) tlog.Tree {
		opened, err := note.Open(raw, note.VerifierList(keys...))
		check(err, "checkpoint")
		if len(opened.Sigs) != len(keys) {
			fail("checkpoint: %d signatures verified of %d", len(opened.Sigs), len(keys))
		}
		return parseTree(opened.Text, origin)
	}
	tree := open(read(dir, "checkpoint"))

	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	records := entries(dir, tree.N)
	for n, entry := range records {
		_, err := note.Open(entry, note.VerifierList(recorder))
		check(err, fmt.Sprintf("record %d", n))
		more, err := tlog.StoredHashes(int64(n), entry, own)
		check(err, "tree")
		stored = append(stored, more...)
	}
	if tree.N == 0 {
		if tree.Hash.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
			fail("the root of the empty tree is wrong")
		}
	} else {
		root, err := tlog.TreeHash(tree.N, own)
		check(err, "tree")
		if root != tree.Hash {
			fail("the root is not that of the entries")
		}
	}
	compared := 0
	for level := 0; tree.N>>(height*uint(level)) > 0; level++ {
		items := tree.N >> (height * uint(level))
		for start := int64(0); start < items; start += 256 {
			tile := tlog.Tile{H: height, L: level, N: start / 256, W: 256}
			if items-start < 256 {
				tile.W = int(items - start)
			}
			recomputed, err := tlog.ReadTileData(tile, own)
			check(err, "tile")
			if !bytes.Equal(recomputed, read(dir, path(tile))) {
				fail("%s differs", path(tile))
			}
			compared++
		}
	}

	receipts, _ := filepath.Glob(filepath.Join(dir, "receipts", "*"))
	served := tlog.TileHashReader(tree, files{dir})
	for _, name := range receipts {
		parts := strings.SplitN(string(read(name)), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
			fail("%s: not a receipt", name)
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
		check(err, name)
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		check(err, name)
		var extra struct{ Record string }
		check(json.Unmarshal(raw, &extra), name)
		proof, head := tlog.RecordProof(hashes(lines[3:])), open([]byte(parts[1]))
		check(tlog.CheckRecord(proof, head.N, head.Hash, index, tlog.RecordHash([]byte(extra.Record))), name)
		again, err := tlog.ProveRecord(tree.N, index, served)
		check(err, name)
		if fmt.Sprint(again) != fmt.Sprint(proof) {
			fail("%s: the tiles give another proof", name)
		}
	}
	proofs, _ := filepath.Glob(filepath.Join(dir, "consistency", "*"))
	for _, name := range proofs {
		lines := strings.Split(strings.TrimSuffix(string(read(name)), "\n"), "\n")
		old, err := strconv.ParseInt(lines[0], 10, 64)
		check(err, name)
		found := hashes(lines[1:])
		check(tlog.CheckTree(tlog.TreeProof(found[1:]), tree.N, tree.Hash, old, found[0]), name)
	}
	fmt.Printf("%d records, %d tiles, %d receipts, %d consistency proofs\n", tree.N, compared, len(receipts), len(proofs))
}
