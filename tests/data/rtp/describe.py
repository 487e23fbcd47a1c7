#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says what the packets of a recording are: a second reader of dependency descriptors and VP9 payload descriptors, to
check the one in gst/core against.

    describe.py RECORDING.rtp > RECORDING.txt
"""
import struct
import sys

DESCRIPTOR = 12  # canonical id


class Bits:
    def __init__(self, data):
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def u(self, count):
        piece = self.text[self.at:self.at + count]
        self.at += count
        if len(piece) < count:
            raise EOFError
        return int(piece or "0", 2)

    def ns(self, n):
        width = n.bit_length()
        short = (1 << width) - n
        value = self.u(width - 1)
        return value if value < short else (value << 1) - short + self.u(1)


def packets(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        _, kept, arrival, captured = struct.unpack_from(">HHII", data, at)
        at += 12
        yield arrival, captured, data[at:at + kept]
        at += kept


def split(packet):
    """Extension elements by id, and the payload."""
    at = 12 + 4 * (packet[0] & 15)
    elements = {}
    if packet[0] & 0x10:
        profile, words = struct.unpack_from(">HH", packet, at)
        block = packet[at + 4:at + 4 + 4 * words]
        at += 4 + 4 * words
        i = 0
        while i < len(block):
            if block[i] == 0:
                i += 1
                continue
            if profile == 0xBEDE:
                number, size, i = block[i] >> 4, (block[i] & 15) + 1, i + 1
            else:
                number, size, i = block[i], block[i + 1], i + 2
            elements[number] = block[i:i + size]
            i += size
    return elements, packet[at:]


class Structure:
    def __init__(self, bits):
        self.offset = bits.u(6)
        self.targets = bits.u(5) + 1
        spatial = temporal = 0
        self.layers = []
        while True:
            self.layers.append((spatial, temporal))
            following = bits.u(2)
            if following == 1:
                temporal += 1
            elif following == 2:
                spatial, temporal = spatial + 1, 0
            elif following == 3:
                break
        self.indications = [[bits.u(2) for _ in range(self.targets)] for _ in self.layers]
        self.diffs = []
        for _ in self.layers:
            one = []
            while bits.u(1):
                one.append(bits.u(4) + 1)
            self.diffs.append(one)
        self.chains = bits.ns(self.targets + 1)
        if self.chains:
            for _ in range(self.targets):
                bits.ns(self.chains)
            bits.u(4 * self.chains * len(self.layers))
        self.sizes = []
        if bits.u(1):
            self.sizes = [(bits.u(16) + 1, bits.u(16) + 1) for _ in range(spatial + 1)]


def descriptor(data, known):
    bits = Bits(data)
    start, end, template, number = bits.u(1), bits.u(1), bits.u(6), bits.u(16)
    has_structure = has_active = custom_indications = custom_diffs = 0
    if len(data) > 3:
        has_structure, has_active, custom_indications, custom_diffs, _ = (bits.u(1) for _ in range(5))
    structure = Structure(bits) if has_structure else known
    active = bits.u(structure.targets) if has_active else None
    row = (template - structure.offset) % 64
    indications, diffs = structure.indications[row], structure.diffs[row]
    if custom_indications:
        indications = [bits.u(2) for _ in range(structure.targets)]
    if custom_diffs:
        diffs = []
        while size := bits.u(2):
            diffs.append(bits.u(4 * size) + 1)
    spatial, temporal = structure.layers[row]
    text = f"frame {number} {'S' if start else '-'}{'E' if end else '-'} s{spatial} t{temporal} " \
           f"{''.join('-DSR'[i] for i in indications)} needs {','.join(map(str, diffs)) or '-'}"
    if has_structure:
        text += f" structure {len(structure.layers)}/{structure.targets}/{structure.chains} " \
                f"{' '.join(f'{w}x{h}' for w, h in structure.sizes)}".rstrip()
    if active is not None:
        text += f" active {active:x}"
    return text, structure


def vp9(payload):
    bits = Bits(payload)
    i, p, layered, flexible, begins, ends, has_structure, z = (bits.u(1) for _ in range(8))
    text = f"vp9 {'P' if p else '-'}{'B' if begins else '-'}{'E' if ends else '-'}{'Z' if z else '-'}"
    if i:
        text += f" picture {bits.u(15) if bits.u(1) else bits.u(7)}"
    if layered:
        temporal, up, spatial, inter = bits.u(3), bits.u(1), bits.u(3), bits.u(1)
        text += f" s{spatial} t{temporal} {'U' if up else '-'}{'D' if inter else '-'}"
        if not flexible:
            text += f" tl0 {bits.u(8)}"
    if flexible and p:
        diffs, more = [], 1
        while more:
            diffs.append(bits.u(7))
            more = bits.u(1)
        text += f" needs {','.join(map(str, diffs))}"
    if has_structure:
        layers, sizes = bits.u(3) + 1, bits.u(1)
        bits.u(4)
        text += f" layers {layers}"
        if sizes:
            text += "".join(f" {bits.u(16)}x{bits.u(16)}" for _ in range(layers))
    return text


def main():
    known = {}
    for _, _, packet in packets(sys.argv[1]):
        elements, payload = split(packet)
        ssrc = packet[8:12].hex()
        line = ssrc
        if DESCRIPTOR in elements:
            text, known[ssrc] = descriptor(elements[DESCRIPTOR], known.get(ssrc))
            line += f" {text}"
        if packet[1] & 127 in (98, 100):
            line += f" {vp9(payload)}"
        print(line)


main()
