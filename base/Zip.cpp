//===- base/Zip.cpp -------------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Zip.h"
#include "base/Describe.h"
#include <algorithm>
#include <zlib.h>

namespace hillock {

namespace {

/// Little-endian numbers of an archive. Reads outside of it give 0 and set
/// \c failed, so that a record is checked once, after it was read.
class Reader {
public:
  Reader(std::string_view bytes, uint64_t at) : bytes(bytes), at(at) {}

  uint64_t number(unsigned width) {
    if (at > bytes.size() || bytes.size() - at < width) {
      failed = true;
      return 0;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i)
      value |= uint64_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
    at += width;
    return value;
  }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::string_view take(uint64_t count) {
    if (at > bytes.size() || bytes.size() - at < count) {
      failed = true;
      return {};
    }
    const std::string_view result = bytes.substr(at, count);
    at += count;
    return result;
  }

  std::string_view bytes;
  uint64_t at;
  bool failed = false;
};

struct Directory {
  uint64_t offset = 0, entries = 0;
};

constexpr uint32_t endMagic = 0x06054b50, centralMagic = 0x02014b50,
                   localMagic = 0x04034b50, end64Magic = 0x06064b50,
                   locator64Magic = 0x07064b50;
// A deflate block cannot pack better than 1032 : 1 (zlib's technical notes).
constexpr uint64_t bestRatio = 1032;

} // namespace

static std::string offsetText(const std::string &name, uint64_t offset) {
  return name + ", offset " + std::to_string(offset);
}

static Expected<Directory> findDirectory(std::string_view archive,
                                         const std::string &name) {
  constexpr uint64_t endBytes = 22, longestComment = 65535;
  if (archive.size() < endBytes)
    return inputError("is too short for a zip archive (" +
                          describeBytes(archive.size()) + ")",
                      name);
  const uint64_t lowest =
      archive.size() -
      std::min<uint64_t>(archive.size(), endBytes + longestComment);
  for (uint64_t at = archive.size() - endBytes + 1; at-- > lowest;) {
    Reader reader(archive, at);
    if (reader.u32() != endMagic)
      continue;
    reader.take(6); // disk numbers and this disk's entries
    Directory found;
    found.entries = reader.u16();
    reader.take(4); // size of the directory
    found.offset = reader.u32();
    if (found.entries != 0xffff && found.offset != 0xffffffff)
      return found;
    // Zip64: a locator of 20 bytes lies before this record.
    Reader locator(archive, at < 20 ? archive.size() : at - 20);
    if (locator.u32() != locator64Magic)
      return found;
    locator.take(4);
    Reader end64(archive, locator.u64());
    if (end64.u32() != end64Magic || locator.failed)
      return inputError("the zip64 directory is not where it is said to be",
                        offsetText(name, at), "the file is damaged");
    end64.take(28); // size, versions, disks, this disk's entries
    found.entries = end64.u64();
    end64.take(8);
    found.offset = end64.u64();
    if (end64.failed)
      return inputError("the zip64 directory is cut off", offsetText(name, at),
                        "the file is damaged");
    return found;
  }
  return inputError("has no zip directory at its end", name,
                    "the file is cut off or no .npz");
}

/// Replaces 32-bit placeholders by the numbers of the zip64 extra field.
static bool readExtra64(std::string_view extra, uint64_t &plain,
                        uint64_t &packed, uint64_t &offset) {
  Reader reader(extra, 0);
  while (reader.at + 4 <= extra.size()) {
    const uint16_t kind = reader.u16();
    const std::string_view body = reader.take(reader.u16());
    if (reader.failed)
      return false;
    if (kind != 1)
      continue;
    Reader field(body, 0);
    for (uint64_t *number : {&plain, &packed, &offset})
      if (*number == 0xffffffff)
        *number = field.u64();
    return !field.failed;
  }
  return true; // no zip64 field: the numbers stand as they are
}

static Expected<ZipMember> readMember(Reader &central,
                                      const std::string &name) {
  const uint64_t start = central.at;
  const bool known = central.u32() == centralMagic;
  central.take(4); // versions
  const uint16_t flags = central.u16();
  ZipMember member;
  member.method = central.u16();
  central.take(4); // time and date
  member.crc = central.u32();
  uint64_t packed = central.u32(), plain = central.u32();
  const uint16_t nameBytes = central.u16(), extraBytes = central.u16(),
                 commentBytes = central.u16();
  central.take(8); // disk and attributes
  uint64_t offset = central.u32();
  member.name = std::string(central.take(nameBytes));
  const std::string_view extra = central.take(extraBytes);
  central.take(commentBytes);
  if (!known || central.failed || !readExtra64(extra, plain, packed, offset))
    return inputError("damaged entry in the zip directory",
                      offsetText(name, start), "the file is damaged");
  member.plainBytes = plain;
  const std::string where = name + ", member '" + member.name + "'";
  if (flags & 1)
    return inputError("is encrypted", where, "save it without a password");
  if (member.method != 0 && member.method != 8)
    return inputError("zip compression method " +
                          std::to_string(member.method) +
                          " is not supported (0 stored, 8 deflate are)",
                      where, "save it with numpy.savez");

  Reader local(central.bytes, offset);
  const bool found = local.u32() == localMagic;
  local.take(22);
  const uint16_t localName = local.u16(), localExtra = local.u16();
  local.take(uint64_t{localName} + localExtra);
  if (found && !local.failed)
    member.packed = local.take(packed);
  if (!found || local.failed)
    return inputError("the directory points to " + describeBytes(packed) +
                          " at offset " + std::to_string(offset) +
                          ", which the file does not hold",
                      where, "the file is damaged");
  return std::move(member);
}

Expected<std::vector<ZipMember>> listZip(std::string_view archive,
                                         const std::string &name) {
  Expected<Directory> directory = findDirectory(archive, name);
  if (!directory)
    return directory.takeError();
  std::vector<ZipMember> members;
  Reader central(archive, directory->offset);
  uint64_t packed = 0, plain = 0;
  for (uint64_t i = 0; i < directory->entries; ++i) {
    Expected<ZipMember> member = readMember(central, name);
    if (!member)
      return member.takeError();
    packed += member->packed.size();
    // Members that share bytes are how small archives unpack to terabytes.
    if (packed > archive.size())
      return inputError("its members overlap", name,
                        "the file is damaged or malicious");
    if (member->plainBytes > maxInflatedBytes ||
        (plain += member->plainBytes) > maxInflatedBytes)
      return inputError("unpacks to more than " +
                            describeBytes(maxInflatedBytes),
                        name, "split the data over several files");
    members.push_back(std::move(*member));
  }
  return std::move(members);
}

/// Feeds \p packed through \p stream, at most \p limit bytes out of it;
/// returns zlib's last code.
static int inflateAll(z_stream &stream, std::string_view packed,
                      std::string &plain, uint64_t limit) {
  constexpr uint64_t chunk = uint64_t{1} << 30; // uInt counts to 4 GiB only
  uint64_t in = 0, out = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    if (out == plain.size()) {
      if (out >= limit)
        return Z_BUF_ERROR;
      plain.resize(std::min(limit, std::max<uint64_t>(2 * out, 65536)));
    }
    const auto give = static_cast<uInt>(std::min(chunk, packed.size() - in));
    const auto room = static_cast<uInt>(std::min(chunk, plain.size() - out));
    stream.next_in = reinterpret_cast<Bytef *>(
        const_cast<char *>(packed.data() + in)); // zlib's API lacks const
    stream.avail_in = give;
    stream.next_out = reinterpret_cast<Bytef *>(plain.data() + out);
    stream.avail_out = room;
    code = ::inflate(&stream, Z_NO_FLUSH);
    in += give - stream.avail_in;
    out += room - stream.avail_out;
    // Out of input: without progress zlib answers Z_BUF_ERROR by itself.
  }
  plain.resize(out);
  return code;
}

Expected<std::string> unpackZip(const ZipMember &member,
                                const std::string &name) {
  const std::string where = name + ", member '" + member.name + "'";
  std::string plain;
  if (member.method == 0) {
    plain = std::string(member.packed);
  } else {
    const uint64_t possible = member.packed.size() * bestRatio;
    if (member.plainBytes > possible)
      return inputError("declares " + describeBytes(member.plainBytes) +
                            ", but " + describeBytes(member.packed.size()) +
                            " packed cannot hold more than " +
                            describeBytes(possible),
                        where, "the file is damaged");
    z_stream stream = {};
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK)
      return makeError(ErrorKind::Internal, "zlib does not start", where);
    // Room grows with what really comes out. One byte beyond the declared
    // size shows a lie.
    const int code =
        inflateAll(stream, member.packed, plain, member.plainBytes + 1);
    ::inflateEnd(&stream);
    if (code != Z_STREAM_END)
      return inputError("the deflated data are damaged after " +
                            describeBytes(plain.size()),
                        where, "copy the file again");
  }
  if (plain.size() != member.plainBytes)
    return inputError("declares " + describeBytes(member.plainBytes) +
                          " but holds " + describeBytes(plain.size()),
                      where, "the file is damaged");
  if (::crc32_z(0, reinterpret_cast<const Bytef *>(plain.data()),
                plain.size()) != member.crc)
    return inputError("the checksum (CRC-32) is wrong", where,
                      "copy the file again");
  return std::move(plain);
}

Expected<std::string> unpackGzip(std::string_view packed,
                                 const std::string &name) {
  z_stream stream = {};
  if (::inflateInit2(&stream, MAX_WBITS + 16) != Z_OK)
    return makeError(ErrorKind::Internal, "zlib does not start", name);
  std::string plain;
  const int code = inflateAll(stream, packed, plain, maxInflatedBytes);
  ::inflateEnd(&stream);
  if (code == Z_STREAM_END)
    return std::move(plain);
  if (plain.size() >= maxInflatedBytes)
    return inputError("unpacks to more than " + describeBytes(maxInflatedBytes),
                      name, "split the data over several files");
  return inputError("the gzip data are damaged after " +
                        describeBytes(plain.size()),
                    name, "copy the file again");
}

static void append(std::string &to, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i)
    to += static_cast<char>(value >> (8 * i));
}

Expected<std::string>
makeZip(const std::vector<std::pair<std::string, std::string>> &members) {
  std::string archive, central;
  for (const auto &[name, bytes] : members) {
    if (archive.size() + bytes.size() > 0xf0000000u ||
        members.size() > 0xfff0 || name.size() > 0xffff)
      return inputError("is too large for a zip archive of 4 GiB", name,
                        "split the data over several files");
    std::string common;
    append(common, 20, 2);                    // version needed
    append(common, 0, 2);                     // flags
    append(common, 0, 2);                     // stored
    append(common, (1u << 21 | 1u << 16), 4); // 1980-01-01 00:00
    append(common,
           ::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()),
                     bytes.size()),
           4);
    append(common, bytes.size(), 4);
    append(common, bytes.size(), 4);
    append(common, name.size(), 2);
    append(common, 0, 2); // extra
    append(central, centralMagic, 4);
    append(central, 20, 2); // made by
    central += common;
    append(central, 0, 8); // comment, disk, attributes
    append(central, 0, 2);
    append(central, archive.size(), 4);
    central += name;
    append(archive, localMagic, 4);
    archive += common + name + bytes;
  }
  const uint64_t offset = archive.size();
  archive += central;
  append(archive, endMagic, 4);
  append(archive, 0, 4);
  append(archive, members.size(), 2);
  append(archive, members.size(), 2);
  append(archive, central.size(), 4);
  append(archive, offset, 4);
  append(archive, 0, 2);
  return std::move(archive);
}

} // namespace hillock
