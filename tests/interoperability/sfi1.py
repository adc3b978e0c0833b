"""SFI-1, SMI-1 and LIC-1 in Python, written from docs/rss/container.md and docs/rss/license.md alone.

Nothing of h7rss is used: the cryptography is python3-cryptography's (OpenSSL behind another face), the bytes are taken from the
pages. What both programs agree on is therefore what the pages say.
"""
import hashlib
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FLASH, FLASH_END = 0x08000000, 0x08200000
TAG = 16


class Wrong(Exception):
    """The bytes are not what the page says."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


def iv(nonce, index):
    return ((int.from_bytes(nonce, "big") + index) % (1 << 96)).to_bytes(12, "big")


def seal(key, nonce, aad, plaintext):
    """(tag, ciphertext)"""
    both = AESGCM(key).encrypt(nonce, plaintext, aad)
    return both[-TAG:], both[:-TAG]


def unseal(key, nonce, aad, tag, ciphertext, what):
    try:
        return AESGCM(key).decrypt(nonce, ciphertext + tag, aad)
    except InvalidTag:
        raise Wrong(what + ": the tag does not match") from None


def hkdf(secret, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def padded(content, fill=b"\xff"):
    return content + fill * (-len(content) % 16)


# --- images ---

@dataclass
class Area:
    letter: str
    address: int = 0
    content: bytes = b""
    version: int = 1


@dataclass
class Image:
    areas: list = field(default_factory=list)
    version: int = 0
    flags: int = 0
    ram_size: int = 0
    token: int = 0
    firmware_id: bytes = bytes(8)


def hash_area(areas):
    digest = hashlib.sha256()
    for area in areas:
        if area.letter == "F":
            digest.update(struct.pack("<II", area.address, len(area.content)) + area.content)
    return Area("H", 0, digest.digest())


def option_area(words):
    return Area("C", 0, struct.pack("<9I", *words) + bytes(12))


def write_image(image, key, nonce):
    count = len(image.areas)
    total = 64 + sum(40 + len(area.content) for area in image.areas)
    head = struct.pack("<4s9I", b"SFI1", 2, 64, image.version, count, total, 0x450, image.flags, image.ram_size,
                       image.token) + image.firmware_id
    header_tag, _ = seal(key, iv(nonce, 0), head, b"")
    file = head + header_tag
    for index, area in enumerate(image.areas, 1):
        descriptor = struct.pack("<6I", ord(area.letter), area.version, index, len(area.content), area.address, count)
        tag, ciphertext = seal(key, iv(nonce, index), descriptor + header_tag, area.content)
        file += descriptor + tag + ciphertext
    return file


def extent(area):
    """[first, end) of the flash an area occupies."""
    size = len(area.content) - (48 if area.version == 2 else 0)
    if area.letter == "F":
        return area.address, area.address + size + -size % 32
    first = area.address & ~255
    return first, max((area.address + size + 255) & ~255, first + 512)


def check_layout(image):
    """Order, parts, places and hashes; the number of parts."""
    parts, part = [], []
    for area in image.areas:
        part.append(area)
        if area.letter == "P":
            parts.append(part)
            part = []
    parts.append(part)
    need(parts[-1], "the image ends in a pause")
    for number, part in enumerate(parts):
        letters = "".join(area.letter for area in part)
        need(letters.startswith("R") == (number > 0), "R begins every part but the first")
        need(letters.endswith("P") == (number + 1 < len(parts)), "P ends every part but the last")
        inner = letters.removeprefix("R")
        if inner.endswith(("P", "C")):
            inner = inner[:-1]
        if image.flags & 1:
            need(inner.endswith("H"), "every part has a hash")
            need(hash_area(part).content == part[letters.index("H")].content, "the hash of a part")
            inner = inner[:-1]
        need(set(inner) <= set("FM"), "order of a part: " + letters)
        size = sum(40 + len(area.content) for area in part)
        need(image.ram_size == 0 or size <= image.ram_size, "a part is larger than the header says")
    need((len(parts) > 1) == (image.token != 0), "a token where there are parts")
    taken = []
    for area in image.areas:
        if area.letter in "PR":
            need(area.address == image.token and not area.content, "P and R name the token")
        elif area.letter in "HC":
            need(area.address == 0 and len(area.content) == {"H": 32, "C": 48}[area.letter], "size of " + area.letter)
        else:
            first, end = extent(area)
            need(area.address % 32 == 0 and FLASH <= first and end <= FLASH_END, "an area in user flash")
            if image.token:
                sector = image.token & ~0x1FFFF
                need(end <= sector or sector + 0x20000 <= first, "the token's sector is free")
            taken.append((first, end))
    taken.sort()
    need(all(a[1] <= b[0] for a, b in zip(taken, taken[1:])), "areas overlap")
    return len(parts)


def read_image(file, key, nonce):
    need(len(file) >= 64, "a header")
    magic, protocol, size, version, count, total, device, flags, ram_size, token = struct.unpack_from("<4s9I", file)
    need((magic, protocol, size, device) == (b"SFI1", 2, 64, 0x450), "magic, protocol, header size, device")
    need(version <= 255 and 1 <= count <= 255 and total == len(file) <= 8 << 20, "version, areas, total size")
    need(flags & ~0b101 == 0, "flags")
    header_tag = file[0x30:0x40]
    unseal(key, iv(nonce, 0), file[:0x30], header_tag, b"", "header")
    image = Image([], version, flags, ram_size, token, file[0x28:0x30])
    at = 64
    for index in range(1, count + 1):
        need(len(file) - at >= 40, "an area record")
        letter, area_version, number, size, address, of = struct.unpack_from("<6I", file, at)
        need(chr(letter) in "FMHCPR" and (number, of) == (index, count), "type, index, N")
        need(area_version == 1 or (area_version == 2 and letter == ord("M")), "area version")
        need(size % 16 == 0 and size <= 512 << 10 and size <= len(file) - at - 40, "area size")
        tag, ciphertext = file[at + 24:at + 40], file[at + 40:at + 40 + size]
        plain = unseal(key, iv(nonce, index), file[at:at + 24] + header_tag, tag, ciphertext, f"area {index}")
        image.areas.append(Area(chr(letter), address, plain, area_version))
        at += 40 + size
    need(at == len(file), "nothing follows the last area")
    return image


# --- modules ---

def module_key(firmware_key):
    return hkdf(firmware_key, None, b"H7RSS-SMI-1", 16)


def write_module(address, content, key, nonce, version=(0, 0, 0, 0)):
    content = padded(content)
    head = b"SMI1\0\0\0\0" + struct.pack("<II", address, len(content))
    tail = struct.pack("<4I", *version)
    tag, ciphertext = seal(module_key(key), nonce, head + bytes(16) + tail, content)
    return head + tag + tail + ciphertext


def read_module(file, key, nonce):
    """(address, content, security version)"""
    need(len(file) >= 48 and file[:8] == b"SMI1\0\0\0\0", "a module")
    address, size = struct.unpack_from("<II", file, 8)
    need(address % 256 == 0 and size % 16 == 0 and 16 <= size <= 512 << 10 and len(file) == 48 + size, "module sizes")
    aad = file[:16] + bytes(16) + file[32:48]
    return address, unseal(module_key(key), nonce, aad, file[16:32], file[48:], "module"), struct.unpack_from("<4I", file, 32)


# --- certificates and licenses ---

CURVE = ec.SECP256R1()


def point_of(xy):
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, b"\x04" + xy)


def private(d):
    return ec.derive_private_key(int.from_bytes(d, "big"), CURVE)


def xy_of(key):
    numbers = key.public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def check_certificate(certificate, ca):
    need(len(certificate) == 136 and certificate[:8] == b"45002001", "a certificate of this product")
    point_of(certificate[8:72])
    r, s = (int.from_bytes(certificate[at:at + 32], "big") for at in (72, 104))
    try:
        ca.verify(utils.encode_dss_signature(r, s), certificate[:72], ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Wrong("the CA's signature") from None


def kek_and_iv(z, certificate, uid, header):
    okm = hkdf(z, hashlib.sha256(certificate).digest(), b"H7RSS-LIC-1" + uid + header, 28)
    return okm[:16], okm[16:]


def write_license(certificate, uid, key, nonce, kind=1, firmware_id=bytes(8), ephemeral=None):
    ephemeral = ephemeral or ec.generate_private_key(CURVE)
    header = struct.pack("<4I", kind, 0, 1, 0) + firmware_id + xy_of(ephemeral)
    z = ephemeral.exchange(ec.ECDH(), point_of(certificate[8:72]))
    kek, gcm_iv = kek_and_iv(z, certificate, uid, header)
    tag, wrapped = seal(kek, gcm_iv, header, nonce + bytes(4) + key)
    return header + wrapped + tag


def read_license(license_, device, certificate, uid):
    """(type, firmware id, firmware key, nonce)"""
    need(len(license_) == 136, "a license has 136 bytes")
    kind, session, version, extensions = struct.unpack_from("<4I", license_)
    need(kind in (1, 2, 3) and (session == 0) == (kind != 2) and version == 1 and extensions == 0, "license header")
    header = license_[:88]
    z = device.exchange(ec.ECDH(), point_of(license_[24:88]))
    kek, gcm_iv = kek_and_iv(z, certificate, uid, header)
    plain = unseal(kek, gcm_iv, header, license_[120:], license_[88:120], "license")
    need(plain[12:16] == bytes(4), "the last four bytes of the wrapped IV")
    return kind, license_[16:24], plain[16:], plain[:12]
