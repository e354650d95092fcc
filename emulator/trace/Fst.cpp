//===- emulator/trace/Fst.cpp - For waveform viewers, packed --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fast signal traces, the format of GTKWave, in its simplest form: a header,
// the bits of the signals, their tree, then blocks of value changes, packed by
// zlib. There is no standard; T. Hutt, "An unofficial FST file format
// specification" (blog.timhutt.co.uk/fst_spec), and the block_format.txt that
// comes with GTKWave describe it. A test has GTKWave's fst2vcd read it.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "emulator/trace/Waves.h"
#include <bit>
#include <numbers>
#include <zlib.h>

namespace hillock::emu {

namespace {

enum Block : char { Header = 0, Changes = 1, Geometry = 3, Tree = 4 };
enum Entry : char { Attribute = char(252), Scope = char(254), Up = char(255) };
enum Variable : char { Integer = 1, Wire = 16 };

constexpr uint64_t endTimeAt = 17, blocksAt = 65; ///< in the file
constexpr int8_t picoseconds = -12;

/// The highest byte first.
std::string big(uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift);
  return bytes;
}

/// Seven bits a byte, the lowest first.
void putShort(std::string &to, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    to += static_cast<char>(value | 0x80);
  to += static_cast<char>(value);
}

void putText(std::string &to, const std::string &text, size_t room) {
  to += text.substr(0, room - 1);
  to.append(room - std::min(text.size(), room - 1), '\0');
}

/// By zlib; \p gzip: with the header of a .gz file.
std::string packed(const std::string &bytes, bool gzip = false) {
  z_stream stream = {};
  // It cannot fail: the settings are legal, and the room is what zlib asks for.
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip ? 31 : 15, 8,
               Z_DEFAULT_STRATEGY);
  std::string result(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef *>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

/// Packed, or as it is where that is no longer: readers see it by the length.
std::string shorter(const std::string &bytes) {
  std::string small = packed(bytes);
  return small.size() < bytes.size() ? small : bytes;
}

class Fst final : public WaveFile {
public:
  Fst(AtomicFile file, uint64_t blockBytes)
      : file(std::move(file)), blockBytes(blockBytes) {}

  void comment(const std::string &words) override {
    // Of the kind "miscellaneous, comment", with the number 0.
    tree += {Attribute, 0, 0};
    tree += words + '\0' + '\0';
  }
  void openScope(const std::string &name) override {
    tree += {Scope, 0}; // a module
    tree += name + '\0' + '\0';
    ++scopes;
  }
  void closeScope() override { tree += char{Up}; }
  void declare(const std::string &name, uint32_t bits) override;
  Error begin() override;
  void change(uint64_t ps, size_t signal, uint64_t value) override;
  Error flush() override {
    return times.empty() || buffered < blockBytes ? Error::success()
                                                  : writeChanges();
  }
  Error finish(uint64_t endPs) override;

private:
  struct Signal {
    uint32_t bits = 1;
    uint64_t first = 0, last = 0; ///< values, in the block at hand
    size_t time = 0;              ///< of the last change, index into times
    std::string changes;
  };
  void at(uint64_t ps) {
    if (times.empty() || times.back() != ps)
      times.push_back(ps);
  }
  void put(Signal &signal, uint64_t later, uint64_t value);
  void putStart(Signal &signal);
  Error writeBlock(Block kind, const std::string &content);
  Error writeChanges();
  std::string frame() const;
  std::string index(std::string &to);
  std::string timeTable() const;

  AtomicFile file;
  uint64_t blockBytes;
  std::string tree;
  uint64_t scopes = 0, blocks = 0;
  std::vector<Signal> signals;
  // The block at hand.
  uint64_t startPs = 0, buffered = 0;
  std::vector<uint64_t> times;
};

void Fst::declare(const std::string &name, uint32_t bits) {
  tree += {bits == 1 ? Wire : Integer, 0}; // no direction
  tree += name + '\0';
  putShort(tree, bits);
  putShort(tree, 0); // no alias of another one
  signals.emplace_back().bits = bits;
}

Error Fst::writeBlock(Block kind, const std::string &content) {
  // The length counts itself.
  if (Error error = file.write(std::string(1, kind) + big(content.size() + 8)))
    return error;
  return file.write(content);
}

Error Fst::begin() {
  std::string header = big(0) + big(0); // first and last time: finish()
  // A number that tells the order of bytes: the lowest first.
  const auto e = std::bit_cast<uint64_t>(std::numbers::e);
  for (int shift = 0; shift < 64; shift += 8)
    header += static_cast<char>(e >> shift);
  header += big(0) + big(scopes); // without the memory of the writer
  header += big(signals.size()) + big(signals.size()); // with, without aliases
  header += big(0); // blocks of changes: finish()
  header += static_cast<char>(picoseconds);
  putText(header, "hillock", 128);
  putText(header, "", 119); // no date: equal runs, equal bytes
  header += '\0';           // of the kind of Verilog
  header += big(0);         // time of 0
  at(0);
  if (Error error = writeBlock(Header, header))
    return error;
  std::string widths;
  for (const Signal &signal : signals)
    putShort(widths, signal.bits);
  if (Error error = writeBlock(
          Geometry, big(widths.size()) + big(signals.size()) + shorter(widths)))
    return error;
  return writeBlock(Tree, big(tree.size()) + packed(tree, /*gzip=*/true));
}

/// So many entries of the time table after the signal's change before.
void Fst::put(Signal &signal, uint64_t later, uint64_t value) {
  const size_t before = signal.changes.size();
  if (signal.bits == 1) {
    putShort(signal.changes, later << 2 | value << 1);
  } else {
    putShort(signal.changes, later << 1);
    // The highest bit first, and what is left of the last byte empty.
    const uint32_t bytes = (signal.bits + 7) / 8;
    signal.changes += big(value << (64 - signal.bits)).substr(0, bytes);
  }
  buffered += signal.changes.size() - before;
}

/// Readers do not look at the frame of the first block when there are changes
/// at its beginning.
void Fst::putStart(Signal &signal) {
  if (blocks == 0 && signal.changes.empty())
    put(signal, 0, 0);
}

void Fst::change(uint64_t ps, size_t number, uint64_t value) {
  at(ps);
  Signal &signal = signals[number];
  if (ps > 0)
    putStart(signal);
  put(signal, times.size() - 1 - signal.time, value);
  signal.time = times.size() - 1;
  signal.last = value;
}

/// All values at the beginning of the block.
std::string Fst::frame() const {
  std::string digits, result;
  for (const Signal &signal : signals)
    for (uint32_t bit = signal.bits; bit-- > 0;)
      digits += static_cast<char>('0' + (signal.first >> bit & 1));
  const std::string content = shorter(digits);
  putShort(result, digits.size());
  putShort(result, content.size());
  putShort(result, signals.size());
  return result + content;
}

/// Appends the changes of all signals to \p to; where they begin.
std::string Fst::index(std::string &to) {
  std::string table;
  const size_t start = to.size();
  to += 'Z'; // packed by zlib
  size_t before = 0, silent = 0;
  for (Signal &signal : signals) {
    if (signal.changes.empty()) {
      ++silent;
      continue;
    }
    if (silent > 0)
      putShort(table, silent << 1);
    silent = 0;
    putShort(table, (to.size() - start - before) << 1 | 1);
    before = to.size() - start;
    const std::string content = shorter(signal.changes);
    // 0: not packed.
    putShort(to, content.size() < signal.changes.size() ? signal.changes.size()
                                                        : 0);
    to += content;
    signal.changes.clear();
    signal.first = signal.last;
    signal.time = 0;
  }
  if (silent > 0)
    putShort(table, silent << 1);
  return table;
}

std::string Fst::timeTable() const {
  std::string plain;
  uint64_t before = 0;
  for (uint64_t ps : times) {
    putShort(plain, ps - before);
    before = ps;
  }
  const std::string content = shorter(plain);
  return content + big(plain.size()) + big(content.size()) + big(times.size());
}

Error Fst::writeChanges() {
  for (Signal &signal : signals)
    putStart(signal);
  // The last number is the memory that a reader needs for all changes.
  std::string content = big(startPs) + big(times.back()) + big(buffered);
  content += frame();
  putShort(content, signals.size());
  const std::string table = index(content);
  content += table + big(table.size()) + timeTable();
  startPs = times.back();
  times.clear();
  buffered = 0;
  ++blocks;
  return writeBlock(Changes, content);
}

Error Fst::finish(uint64_t endPs) {
  at(endPs);
  if (Error error = writeChanges())
    return error;
  if (Error error = file.overwrite(endTimeAt, big(endPs)))
    return error;
  if (Error error = file.overwrite(blocksAt, big(blocks)))
    return error;
  return file.commit();
}

} // namespace

Expected<std::unique_ptr<TraceFile>> createFst(const std::string &path,
                                               const TraceShape &shape,
                                               uint64_t blockBytes) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  return createWaves(std::make_unique<Fst>(std::move(*file), blockBytes),
                     shape);
}

} // namespace hillock::emu
