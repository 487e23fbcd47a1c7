#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the seed corpora: one small file an idea, so that the fuzzers begin with valid packets of every kind."""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent / "corpus"


def write(target, seeds):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        if isinstance(data, str):
            data = bytes.fromhex(data)
        (folder / name).write_bytes(data)


STUN_ID = "2112a442b7e7a701bc34d686fa87dfae"
write("stun", {
    "request": "00010058" + STUN_ID + "802200105354554e207465737420636c69656e74002400046e0001ff"
               "80290008932ff9b151263b36000600096576746a3a6836675920202000080014"
               "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf",
    "response4": "0101003c" + STUN_ID + "8022000b7465737420766563746f7220002000080001a147e112a643"
                 "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
    "response6": "01010048" + STUN_ID + "8022000b7465737420766563746f722000200014"
                 "0002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014"
                 "a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
    "nomination": "00010028" + STUN_ID + "000600096576746a3a68367659000000002400046e0001ff"
                  "802a0008000000000000000100250000",
    "bare": "00010000" + STUN_ID,
    "indication": "00110000" + STUN_ID,
    "error": "01110010" + STUN_ID + "0009000c0000040157726f6e67202120",
    "unknown": "00010018" + STUN_ID + "000600096576746a3a683676590000007fff000400000001",
})
write("candidate", {
    "host": b"candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host",
    "srflx": b"a=candidate:842163049 1 UDP 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.17 rport 46154 "
             b"generation 0 ufrag EEtu network-id 3 network-cost 10\r\n",
    "mdns": b"candidate:1 1 udp 2122252543 0b5e1a2c-8d1b-4f7a-9a57-3d7a1c1e2f60.local 50123 typ host",
    "tcp": b"candidate:5 1 tcp 2105524479 2001:db8::5 9 typ host tcptype active",
})
write("stream_id", {
    "plain": b"demo/Front door",
    "access": b"r=demo,u=cam,m=publish,t=stream,s=17",
    "request": b"r=demo,m=request",
    "hook": b"call=publish&addr=127.0.0.1&clientid=1&app=live&tcurl=rtmp%3A%2F%2Fhost%2Flive&name=demo%2Fcam&type=live&x=y",
    "hook_done": b"call=publish_done&app=live&name=demo",
})

RTP = "{:02x}{:02x}000100000002000000 07".replace(" ", "")
rtp = {
    "plain": RTP.format(0x80, 96) + "00112233445566",
    "marker": RTP.format(0x80, 0xE0) + "9000801e",
    "csrcs": RTP.format(0x82, 111) + "0000000100000002" + "aabb",
    "one_byte": RTP.format(0x90, 96) + "bede0003" + "220102033101024030510068" + "9080",
    "two_byte": RTP.format(0x90, 96) + "10000002" + "0102aabb02000000" + "00",
    "id_15": RTP.format(0x90, 96) + "bede0001" + "f0102030" + "77",
    "padding": RTP.format(0xA0, 96) + "00000004",
    "padded": RTP.format(0xA0, 96) + "1234" + "0002",
    "rtx": RTP.format(0x80, 97) + "fffe9080123456",
}
write("rtp", rtp)
write("srtp", {name: bytes([i % 3, 1, 3, 1, 2, 3, 4]) + bytes.fromhex(data)
               for i, (name, data) in enumerate(rtp.items())})

BLOCK = "00000007" + "20000005" + "00010010" + "00000030" + "12345678" + "00010000"
SR = "81c8000c00000001" + "e000000080000000" + "00001000" + "00000010" + "00001000" + BLOCK
SDES = "81ca000400000001" + "01066162636465660000" + "0000"
write("rtcp", {
    "sr_sdes": SR + SDES,
    "rr": "81c9000700000001" + BLOCK,
    "bye": "82cb00020000000100000002",
    "app": "80cc0002000000016e616d65",
    "nack": "81cd0004000000010000000200070005fffe8001",
    "pli": "81ce00020000000100000002",
    "fir": "84ce0004000000010000000000000002c8000000",
    "remb": "8fce0005000000010000000052454d4201130d4000000002",
    "padding": "a1cd00040000000100000002000700000000 0004".replace(" ", ""),
    "twcc_run": "8fcd0006000000010000000200010003000a0701" + "200301020300" + "0000",
    "twcc_bits": "8fcd000600000001000000020001000500000001" + "a8000a14" + "00000000",
    "twcc_two_bits": "8fcd000600000001000000020001000400000001" + "d84005fff0070000",
    "twcc_gap": "8fcd000600000001000000020001200300000001" + "1fff2004" + "01020304",
})
write("rfc4571", {
    "two": bytes([0, 3]) + struct.pack(">H", 3) + b"abc" + struct.pack(">H", 5) + b"hello",
    "empty_between": bytes([0, 0]) + struct.pack(">H", 0) + struct.pack(">H", 1) + b"x",
    "cut": bytes([1, 200]) + struct.pack(">H", 9) + b"abc",
    "long": bytes([0, 255]) + struct.pack(">H", 3000) + bytes(3000) + struct.pack(">H", 1) + b"y",
    "too_long": bytes([1, 255]) + struct.pack(">H", 1501) + b"z",
})
write("codec", {
    "vp8_key": "9080011234" + "5001009d012a8002e001",
    "vp8_full": "90f0810122e0" + "00",
    "vp8_inter": "8000" + "01",
    "vp9_key": "8c0a" + "00" + "1801400168",
    "vp9_flexible": "bc80012203 05".replace(" ", ""),
    "h264_idr": "65888400",
    "h264_stap": "7800056742c01e9a000468ce3c80000565888400",
    "h264_fu": "7c8588840010",
    "av1_key": "180a0b00000024c4ffdf00",
    "av1_two": "10" + "030a0102" + "3200",
})
write("endpoint", {
    "in_order": bytes([0] * 20 + [6, 7, 8, 255]),
    "loss": bytes([0, 0, 1, 3, 4, 50, 6, 2, 2, 4, 100, 6, 7, 8, 200]),
    "jump": bytes([0, 3, 0, 10, 0, 0, 0, 1, 6, 7]),
    "sending": bytes([9, 0, 1, 9, 0, 2, 9, 255, 255, 8, 255]),
    "clock": bytes([10, 0]) + bytes.fromhex("e000000080000000") + bytes.fromhex("00001000") +
             bytes([4, 200, 10, 1]) + bytes.fromhex("e000000180000000") + bytes.fromhex("00005000"),
    "pause": bytes([0, 1, 9, 5, 0, 60, 6, 7, 0, 11, 0, 1, 9]),
})


def packet(data):
    return bytes([0, len(data)]) + data


def video(number, ssrc="00000009", kind=0x60, payload="9080801e0a"):
    head = bytes([0x90, kind]) + struct.pack(">HI", number, 3000 * number) + bytes.fromhex(ssrc)
    # mid "v" and rid "h" under the ids the target gives them
    return packet(head + bytes.fromhex("bede0001" + "a0769068") + bytes.fromhex(payload))


write("connection", {
    "video": b"".join(video(n) for n in range(1, 9)) + bytes([2, 0, 200, 3, 255]),
    "loss": video(1) + video(5) + bytes([2, 0, 20, 3, 255]) + video(1, "0000000a", 0x61, "0003aabb") + bytes([3, 200]),
    "rtcp": video(1) + bytes([1, 28]) + bytes.fromhex("80c8000600000009e00000008000000000001000" + "0000001000001000") +
            bytes([2, 4, 0, 3, 255]) + bytes([1, 16]) + bytes.fromhex("81cd0003000000011111111100010003"),
})

# Send, a moment, feedback that all came, a probe; then nonsense of each kind.
FEEDBACK = "04" + "03" + "03" + "00000001" + "08" + "2003" + "040404" + "000000"
write("bwe", {
    "call": ("00" + "02" + "04b0" + "02" + "14") * 3 + FEEDBACK + "06" + "00" + "02" + "04b0" + "02" + "14" + "07",
    "probed": "00020100" + "06" + "00020100" * 6 + "02ff" + FEEDBACK,
    "remb": "05" + "0000000000080000" + "07" + "05" + "ffffffffffffffff",
    "idle": "00020100" + "030100" + "07" + "07" + FEEDBACK,
})


def layers_of(name, codec, count=60):
    """The first packets of a recording, of one SSRC, as the target `layers` takes them."""
    data = (HERE.parent.parent / "data" / "rtp" / f"{name}.rtp").read_bytes()
    seed, at, first, last = bytes([codec]), 0, None, None
    while at < len(data) and count > 0:
        kept, = struct.unpack_from(">H", data, at + 2)
        one = data[at + 12:at + 12 + kept]
        at += 12 + kept
        timestamp, ssrc = struct.unpack_from(">II", one, 4)
        first = first or ssrc
        if ssrc != first:
            continue
        head = 12
        descriptor = b""
        if one[0] & 0x10:
            profile, words = struct.unpack_from(">HH", one, 12)
            head = 16 + 4 * words
            block, i = one[16:head], 0
            while i < len(block):
                if block[i] == 0:
                    i += 1
                    continue
                short = profile == 0xBEDE
                number, size = (block[i] >> 4, (block[i] & 15) + 1) if short else (block[i], block[i + 1])
                i += 1 if short else 2
                if number == 12:
                    descriptor = block[i:i + size]
                i += size
        payload = one[head:head + 15]
        limits = 2 | (count % 7) << 2 if count % 10 == 0 else 0
        seed += bytes([(timestamp != last) | limits, len(descriptor)]) + descriptor + bytes([len(payload)]) + payload
        last = timestamp
        count -= 1
    return seed


write("layers", {
    "vp8": layers_of("chromium-vp8-simulcast", 0),
    "vp9": layers_of("chromium-vp9-l3t3", 1),
    "vp9_key": layers_of("chromium-vp9-l3t3-key", 1),
    "h264": layers_of("chromium-h264-simulcast", 2),
    "av1": layers_of("chromium-av1-l3t3", 3),
    "av1_key": layers_of("chromium-av1-l3t3-key", 3),
    "vp8_firefox": layers_of("firefox-vp8-simulcast", 0),
})


def payloads(codec, *parts):
    """As the target `depacketize` takes them: the codec's place in its table, then payloads behind their length."""
    data = bytes([codec])
    for part in parts:
        one = bytes.fromhex(part) if isinstance(part, str) else part
        data += bytes([len(one)]) + one
    return data


SEQUENCE_SET, PICTURE_SET = "6742c01f8c8d40501ed00f08846a", "68ce3c80"
VP8_KEY = "1002009d012a4001f00055"
VP9_KEY = "0c" + "824983420009f00ef7"
H264_KEY = ["78" + "000e" + SEQUENCE_SET + "0004" + PICTURE_SET, "7c850102", "7c0503", "7c4504"]
AV1_KEY = ["68" + "0b" + "0800000002afff9fff3008" + "300102", "900304"]
write("depacketize", {
    "vp8": payloads(0, "90f0810207 20".replace(" ", "") + VP8_KEY, "006677"),
    "vp9": payloads(1, VP9_KEY, "0400"),
    "vp9_layers": payloads(1, "2f0001" + "18013f00ef00" + VP9_KEY[2:], "2e0203" + "8200"),
    "h264": payloads(2, *H264_KEY),
    "av1": payloads(3, *AV1_KEY),
    "opus": payloads(4, "f8fffe"),
    "red": payloads(5, "ef000003" + "6f" + "f8fffe" + "fc"),
    "aac": payloads(6, "0010002801020304 05".replace(" ", "")),
})


def sent(name, payload, marker=True, step=3000):
    """A packet for the target `recording`: of the camera or of the microphone, `step` ticks after the last one."""
    one = bytes.fromhex(payload)
    what = 8 | (name == "microphone") | (0x10 if step else 0) | (0x40 if marker else 0) | 0x80
    return bytes([what]) + (struct.pack(">H", step) if step else b"") + bytes([len(one)]) + one


def recorded(codec, key, delta, sound, form=0, segment=0, most=0):
    """A second of a picture and its sound, a loss, a track that goes and comes as another one."""
    voice = sent("microphone", sound, step=960)
    later = bytes([0, 40])
    first = b"".join(sent("camera", part, part == key[-1], 3000 if part == key[0] else 0) for part in key)
    some = b"".join(sent("camera", delta) + voice + later for _ in range(3))
    lost = bytes([6]) + struct.pack(">H", 100)
    leaves = bytes([2]) + later + bytes([4, (codec + 1) % 4])
    return bytes([form, segment, most, codec, 0]) + voice + first + some + lost + first + some + leaves + voice + later


write("recording", {
    "vp8": recorded(0, [VP8_KEY], "1001000066", "f8fffe"),
    "vp8_segments": recorded(0, [VP8_KEY], "1001000066", "f8fffe", 3, 1),
    "vp9": recorded(1, [VP9_KEY], "4c8600", "f8fffe", 2),
    "h264": recorded(2, H264_KEY, "419a00", "f8fffe", 1, 0, 1),
    "av1": recorded(3, AV1_KEY, "10320102", "f8fffe", 0, 2),
})


def ranged(size, header):
    return struct.pack(">Q", size) + bytes([0]) + header.encode()


write("range", {
    "part": ranged(1000, "bytes=100-299"),
    "open": ranged(1000, "bytes=100-"),
    "tail": ranged(1000, "bytes=-50"),
    "several": ranged(1000, "bytes=0-1,5-9"),
    "past": ranged(1000, "bytes=1000-"),
    "largest": ranged(2**64 - 1, "bytes=18446744073709551614-18446744073709551615"),
    "empty": ranged(0, "bytes=0-0"),
    "tags": ranged(1, 'W/"other", "tag"'),
    "types": ranged(1, "text/html;q=0.5, application/*;q=0"),
})
write("tap", {
    "branches": b"tee name=t ! queue ! fakesink t. ! identity ! fakesink",
    "values": rb'queue max-size-time=0 leaky=downstream ! fakesink sync=false name="a"',
    "quotes": rb'identity name=x ! "video/x-raw, width=(int)[1, 9]" ! fakesink dump="\"a\" \\"',
    "not_allowed": b"fakesrc ! fakesink",
    "forms": b"( queue ! fakesink ) bin.( queue ) @preset a::b=c file:///x t.src_0 ! funnel",
})
write("layout", {
    "pixels": b'{"background": {"color": "#202830"}, "border": {"color": "#ffc107", "width": 4}, "canvas": {"width": 1280, '
              b'"height": 720}, "tiles": [{"speaker": true, "x": 0, "y": 0, "width": 1280, "height": 720, "caption": false}, '
              b'{"participant": "ada", "x": 960, "y": 20, "width": 300, "height": 170, "z": 1, "fit": "crop"}]}',
    "parts": b'{"tiles": [{"x": 0, "y": 0, "width": 0.5, "height": 1}, {"slot": 7, "x": 0.5, "y": 0, "width": 0.5, "height": 1, '
             b'"alpha": 0.9, "fit": "whole"}]}',
    "control": b'{"layout": {"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1}]}, "size": {"width": 640, "height": 360}, '
               b'"mute": {"ada": true}, "volume": {"bob": 0.5}, "mix": {"eve": false}, "topology": "mcu", "captions": true}',
    "name": b'{"layout": "speaker", "topologie": "sfu"}',
})
