//===- base/Npy.cpp -------------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Npy.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Zip.h"
#include <algorithm>
#include <bit>
#include <optional>

namespace hillock {

static_assert(std::endian::native == std::endian::little,
              "arrays are kept in the byte order of the host");

static constexpr std::string_view magic = "\x93NUMPY";
// numpy itself refuses more than 10,000 bytes unless told otherwise; arrays of
// plain numbers need about 100.
static constexpr uint64_t maxHeaderBytes = 65536;
static constexpr size_t maxRank = 64; // numpy 2 allows 64 dimensions

bool looksLikeNpy(std::string_view bytes) { return bytes.starts_with(magic); }

bool looksLikeZip(std::string_view bytes) {
  return bytes.starts_with(std::string_view("PK\3\4", 4)) ||
         bytes.starts_with(std::string_view("PK\5\6", 4));
}

namespace {

struct Header {
  std::string descr;
  std::vector<int64_t> shape;
  bool fortran = false;
};

/// Parser of the one Python literal that a header is:
/// {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
public:
  HeaderParser(std::string_view text, std::string name, uint64_t base)
      : text(text), name(std::move(name)), base(base) {}

  Expected<Header> parse() {
    Header header;
    bool hasDescr = false, hasOrder = false, hasShape = false;
    if (!accept('{'))
      return bad("'{'");
    while (!accept('}')) {
      std::optional<std::string> key = quoted();
      if (!key || !accept(':'))
        return bad("a quoted key and ':'");
      if (*key == "descr" && !hasDescr) {
        hasDescr = true;
        if (peek() == '[')
          return inputError("holds records, not plain numbers", where(),
                            "save each field as an array of its own");
        std::optional<std::string> descr = quoted();
        if (!descr)
          return bad("a quoted type such as '<f4'");
        header.descr = *descr;
      } else if (*key == "fortran_order" && !hasOrder) {
        hasOrder = true;
        if (!boolean(header.fortran))
          return bad("True or False");
      } else if (*key == "shape" && !hasShape) {
        hasShape = true;
        if (!tuple(header.shape))
          return bad("a tuple of at most 64 sizes below 2^62");
      } else {
        return inputError("unexpected key '" + key->substr(0, 40) + "'",
                          where(), "save it with numpy.save");
      }
      if (!accept(',') && peek() != '}')
        return bad("',' or '}'");
    }
    if (!hasDescr || !hasOrder || !hasShape)
      return inputError("the header lacks 'descr', 'fortran_order' or 'shape'",
                        where(), "save it with numpy.save");
    skip();
    if (at != text.size())
      return bad("the end of the header");
    return std::move(header);
  }

private:
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' ||
                                text[at] == '\t' || text[at] == '\r'))
      ++at;
  }
  char peek() {
    skip();
    return at < text.size() ? text[at] : '\0';
  }
  bool accept(char wanted) {
    if (peek() != wanted || at >= text.size())
      return false;
    ++at;
    return true;
  }
  std::optional<std::string> quoted() {
    const char mark = peek();
    if (mark != '\'' && mark != '"')
      return std::nullopt;
    const size_t end = text.find(mark, at + 1);
    if (end == std::string_view::npos)
      return std::nullopt;
    std::string result(text.substr(at + 1, end - at - 1));
    at = end + 1;
    return result;
  }
  bool boolean(bool &value) {
    skip();
    for (std::string_view word : {"True", "False"})
      if (text.substr(at).starts_with(word)) {
        at += word.size();
        value = word == "True";
        return true;
      }
    return false;
  }
  bool tuple(std::vector<int64_t> &shape) {
    if (!accept('('))
      return false;
    while (!accept(')')) {
      int64_t extent = 0;
      const size_t first = (skip(), at);
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (extent > (int64_t{1} << 58))
          return false;
        extent = extent * 10 + (text[at] - '0');
      }
      if (at == first || shape.size() == maxRank)
        return false;
      if (at < text.size() && text[at] == 'L') // written by Python 2
        ++at;
      shape.push_back(extent);
      if (!accept(',') && peek() != ')')
        return false;
    }
    return true;
  }
  std::string where() const {
    return name + ", header, offset " + std::to_string(base + at);
  }
  Error bad(const std::string &wanted) const {
    return inputError("expected " + wanted, where(),
                      "the file is damaged; save it with numpy.save");
  }

  std::string_view text;
  std::string name;
  uint64_t base;
  size_t at = 0;
};

} // namespace

static std::optional<ElementType> typeOf(const std::string &descr) {
  static const std::pair<const char *, ElementType> table[] = {
      {"b1", ElementType::Bool}, {"?", ElementType::Bool},
      {"i1", ElementType::I8},   {"u1", ElementType::U8},
      {"i2", ElementType::I16},  {"u2", ElementType::U16},
      {"i4", ElementType::I32},  {"u4", ElementType::U32},
      {"i8", ElementType::I64},  {"u8", ElementType::U64},
      {"f2", ElementType::F16},  {"f4", ElementType::F32},
      {"f8", ElementType::F64}};
  std::string_view code = descr;
  if (!code.empty() &&
      std::string_view("<>|=").find(code[0]) != std::string_view::npos)
    code.remove_prefix(1);
  for (const auto &[text, type] : table)
    if (code == text)
      return type;
  return std::nullopt;
}

/// Copies \p from, where the first dimension is fastest, to C order.
static void fromFortran(NdArray &array, const uint8_t *from, int64_t count) {
  const size_t width = elementBytes(array.type);
  const size_t rank = array.shape.size();
  std::vector<int64_t> index(rank, 0), stride(rank, 1);
  for (size_t d = 1; d < rank; ++d)
    stride[d] = stride[d - 1] * array.shape[d - 1];
  int64_t source = 0;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(array.bytes.data() + static_cast<size_t>(i) * width,
                from + static_cast<size_t>(source) * width, width);
    for (size_t d = rank; d-- > 0;) {
      source += stride[d];
      if (++index[d] < array.shape[d])
        break;
      source -= stride[d] * array.shape[d];
      index[d] = 0;
    }
  }
}

static Expected<NdArray> takeData(const Header &header, std::string_view data,
                                  uint64_t offset, const std::string &name) {
  const std::optional<ElementType> type = typeOf(header.descr);
  if (!type)
    return inputError("elements of type '" + header.descr.substr(0, 40) +
                          "' are not supported (bool, integers, floats are)",
                      name, "convert with numpy's astype");
  NdArray array;
  array.type = *type;
  array.shape = header.shape;
  const size_t width = elementBytes(*type);
  int64_t count = 0;
  // The file backs the array or nothing is allocated.
  if (!elementCount(array.shape, count) ||
      static_cast<uint64_t>(count) > data.size() / width)
    return inputError("shape " + describeShape(array.shape) + " of " +
                          elementName(*type) + " needs more than the " +
                          describeCount(data.size(), "byte") + " from offset " +
                          std::to_string(offset) + " on",
                      name, "the file is cut off or damaged");
  const size_t needed = static_cast<size_t>(count) * width;
  if (data.size() != needed)
    return inputError(describeCount(data.size() - needed, "byte") +
                          " follow the array of shape " +
                          describeShape(array.shape) + " at offset " +
                          std::to_string(offset + needed),
                      name, "save one array a file, or use numpy.savez");
  array.bytes.resize(needed);
  const auto *from = reinterpret_cast<const uint8_t *>(data.data());
  if (header.fortran && array.shape.size() > 1 && count > 0)
    fromFortran(array, from, count);
  else if (needed)
    std::memcpy(array.bytes.data(), from, needed);
  if (header.descr.starts_with('>') && width > 1)
    for (size_t i = 0; i < needed; i += width)
      std::reverse(array.bytes.begin() + static_cast<ptrdiff_t>(i),
                   array.bytes.begin() + static_cast<ptrdiff_t>(i + width));
  return std::move(array);
}

Expected<NdArray> parseNpy(std::string_view bytes, const std::string &name) {
  if (!looksLikeNpy(bytes))
    return inputError("does not begin like a .npy file", name,
                      "save it with numpy.save");
  auto byte = [&](size_t at) {
    return at < bytes.size() ? uint64_t{static_cast<uint8_t>(bytes[at])} : 0;
  };
  const uint64_t version = byte(6);
  if (version < 1 || version > 3)
    return inputError(".npy version " + std::to_string(version) +
                          " is not known (1, 2, 3 are)",
                      name, "save it with numpy.save");
  const uint64_t start = version == 1 ? 10 : 12;
  uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() < start || length > bytes.size() - start ||
      length > maxHeaderBytes)
    return inputError(
        "a header of " + describeCount(length, "byte") + " at offset " +
            std::to_string(start) +
            " does not fit (file: " + describeCount(bytes.size(), "byte") +
            ", most: " + withSeparators(maxHeaderBytes) + ")",
        name, "the file is cut off or damaged");
  Expected<Header> header =
      HeaderParser(bytes.substr(start, length), name, start).parse();
  if (!header)
    return header.takeError();
  return takeData(*header, bytes.substr(start + length), start + length, name);
}

Expected<NpzArrays> parseNpz(std::string_view bytes, const std::string &name) {
  Expected<std::vector<ZipMember>> members = listZip(bytes, name);
  if (!members)
    return members.takeError();
  NpzArrays arrays;
  for (const ZipMember &member : *members) {
    if (member.name.ends_with('/')) // a folder
      continue;
    std::string key = member.name;
    if (key.ends_with(".npy"))
      key.resize(key.size() - 4);
    Expected<std::string> plain = unpackZip(member, name);
    if (!plain)
      return plain.takeError();
    Expected<NdArray> array =
        parseNpy(*plain, name + ", member '" + member.name + "'");
    if (!array)
      return array.takeError();
    if (!arrays.emplace(key, std::move(*array)).second)
      return inputError("holds two arrays named '" + key + "'", name);
  }
  return std::move(arrays);
}

Expected<NdArray> readNpy(const std::string &path) {
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  return parseNpy(*bytes, path);
}

Expected<NpzArrays> readNpz(const std::string &path) {
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  return parseNpz(*bytes, path);
}

std::string npyBytes(const NdArray &array) {
  static const char *const codes[] = {"|b1", "|i1", "|u1", "<i2", "<u2", "<i4",
                                      "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"};
  std::string header = "{'descr': '";
  header += codes[static_cast<int>(array.type)];
  header += "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < array.shape.size(); ++i)
    header += (i ? ", " : "") + std::to_string(array.shape[i]);
  header += array.shape.size() == 1 ? ",), }" : "), }";
  // The data begin at a multiple of 64; the header ends with a line feed.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes(magic);
  bytes += '\1';
  bytes += '\0';
  bytes += static_cast<char>(header.size());
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char *>(array.bytes.data()),
               array.bytes.size());
  return bytes;
}

Error writeNpy(const std::string &path, const NdArray &array) {
  return writeFile(path, npyBytes(array));
}

Error writeNpz(const std::string &path, const NpzArrays &arrays) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto &[name, array] : arrays)
    members.emplace_back(name + ".npy", npyBytes(array));
  Expected<std::string> archive = makeZip(members);
  if (!archive)
    return archive.takeError();
  return writeFile(path, *archive);
}

} // namespace hillock
