//===- tests/unit/backends/int4/AmxTraps.cpp - AMX by signals -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Encodings and pseudocode: Intel Software Developer's Manual, volume 2, for
// LDTILECFG, TILERELEASE, TILEZERO, TILELOADD, TILESTORED and TDPB[SU][SU]D.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/backends/int4/AmxTraps.h"
#include <cstring>
#if defined(__linux__) && defined(__x86_64__)
#include <csignal>
#include <ucontext.h>

namespace hillock::test {

namespace {

struct State {
  uint8_t rows[8] = {};
  uint16_t bytes[8] = {};
  uint8_t tiles[8][16][64] = {};
  int64_t configurations = 0, products = 0, releases = 0;
  const char *fault = "";
};
State state;
struct sigaction before;

void complain(const char *what) {
  if (!*state.fault)
    state.fault = what;
}

void clear() {
  std::memset(state.rows, 0, sizeof state.rows);
  std::memset(state.bytes, 0, sizeof state.bytes);
  std::memset(state.tiles, 0, sizeof state.tiles);
}

void configure(const uint8_t *from) {
  clear();
  ++state.configurations;
  if (from[0] != 1 || from[1] != 0)
    complain("a configuration of another palette or start row");
  for (int i = 0; i < 64; ++i)
    if (from[i] != 0 && ((i >= 2 && i < 16) || (i >= 32 && i < 48) || i >= 56))
      complain("a reserved byte of a configuration is not 0");
  for (int t = 0; t < 8; ++t) {
    std::memcpy(&state.bytes[t], from + 16 + 2 * t, 2);
    state.rows[t] = from[48 + t];
    if (state.rows[t] > 16 || state.bytes[t] > 64 ||
        (state.rows[t] == 0) != (state.bytes[t] == 0))
      complain("a tile is configured with a shape that there is not");
  }
}

void checkConfigured(int tile) {
  if (state.rows[tile] == 0)
    complain("a tile is used that is not configured");
}

void multiply(int c, int a, int b, bool signedA, bool signedB) {
  ++state.products;
  if (c == a || c == b || a == b || state.rows[c] != state.rows[a] ||
      state.bytes[c] != state.bytes[b] || state.bytes[a] != 4 * state.rows[b] ||
      state.rows[c] == 0)
    return complain("a product of tiles that do not match");
  for (int m = 0; m < state.rows[c]; ++m) {
    for (int n = 0; n < state.bytes[c] / 4; ++n) {
      uint32_t sum = 0;
      std::memcpy(&sum, &state.tiles[c][m][4 * n], 4);
      for (int k = 0; k < state.bytes[a]; ++k) {
        const uint8_t x = state.tiles[a][m][k];
        const uint8_t y = state.tiles[b][k / 4][4 * n + k % 4];
        const int32_t left = signedA ? static_cast<int8_t>(x) : x;
        const int32_t right = signedB ? static_cast<int8_t>(y) : y;
        sum += static_cast<uint32_t>(left * right);
      }
      std::memcpy(&state.tiles[c][m][4 * n], &sum, 4);
    }
    // What is behind the configured bytes becomes 0, as in every tile here.
  }
}

/// An instruction with the prefix VEX.128.0F38.W0 of three bytes.
class Instruction {
public:
  Instruction(const uint8_t *at, const greg_t *registers)
      : at(at), registers(registers) {}

  /// How long it was; 0: none of ours.
  int perform() {
    if (at[0] != 0xC4 || (at[1] & 0x1F) != 2 || (at[2] & 0x84) != 0)
      return 0;
    const int prefix = at[2] & 3; // none, 66, F3, F2
    const int opcode = at[3], mode = at[4] >> 6;
    const int reg = at[4] >> 3 & 7, rm = at[4] & 7;
    length = 5;
    if (opcode == 0x5E && mode == 3) {
      const int third = ~(at[2] >> 3) & 15;
      if (third > 7)
        return 0;
      multiply(reg, rm, third, prefix >= 2, prefix == 1 || prefix == 3);
      return length;
    }
    if (opcode == 0x49 && mode == 3 && prefix == 0 && at[4] == 0xC0) {
      clear();
      ++state.releases;
      return length;
    }
    if (opcode == 0x49 && mode == 3 && prefix == 3 && rm == 0) {
      checkConfigured(reg);
      std::memset(state.tiles[reg], 0, sizeof state.tiles[reg]);
      return length;
    }
    if (opcode == 0x49 && mode != 3 && prefix == 0 && reg == 0) {
      configure(address());
      return length;
    }
    if (opcode == 0x4B && mode != 3 && rm == 4 && prefix != 0) {
      move(reg, prefix == 2);
      return length;
    }
    return 0;
  }

private:
  int64_t value(int number) const {
    constexpr int order[] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return registers[order[number]];
  }
  template <typename T> int64_t immediate() {
    T number = 0;
    std::memcpy(&number, at + length, sizeof number);
    length += static_cast<int>(sizeof number);
    return number;
  }
  /// Of the operand in memory; \p index is left out of it for tiles, where it
  /// is the step from row to row.
  uint8_t *address(bool isTile = false) {
    const int mode = at[4] >> 6, rm = at[4] & 7;
    const int highBase = at[1] & 0x20 ? 0 : 8;
    int64_t sum = 0;
    bool wide = mode == 2;
    if (rm == 4) {
      const int sib = at[length++];
      const int index = (sib >> 3 & 7) | (at[1] & 0x40 ? 0 : 8);
      const int64_t scaled = index == 4 ? 0 : value(index) << (sib >> 6);
      step = scaled;
      if (!isTile)
        sum += scaled;
      if (mode == 0 && (sib & 7) == 5)
        wide = true;
      else
        sum += value((sib & 7) | highBase);
    } else if (mode == 0 && rm == 5) {
      const int64_t offset = immediate<int32_t>();
      return reinterpret_cast<uint8_t *>(
          static_cast<int64_t>(registers[REG_RIP]) + length + offset);
    } else {
      sum += value(rm | highBase);
    }
    if (wide)
      sum += immediate<int32_t>();
    else if (mode == 1)
      sum += immediate<int8_t>();
    return reinterpret_cast<uint8_t *>(sum);
  }
  void move(int tile, bool stores) {
    checkConfigured(tile);
    uint8_t *memory = address(true);
    if (!stores)
      std::memset(state.tiles[tile], 0, sizeof state.tiles[tile]);
    for (int row = 0; row < state.rows[tile]; ++row) {
      uint8_t *there = memory + row * step, *here = state.tiles[tile][row];
      std::memcpy(stores ? there : here, stores ? here : there,
                  state.bytes[tile]);
    }
  }
  const uint8_t *at;
  const greg_t *registers;
  int64_t step = 0;
  int length = 0;
};

void handle(int, siginfo_t *, void *context) {
  greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
  Instruction instruction(reinterpret_cast<const uint8_t *>(registers[REG_RIP]),
                          registers);
  const int length = instruction.perform();
  if (length == 0)
    sigaction(SIGILL, &before, nullptr); // which ends the process
  registers[REG_RIP] += length;
}

} // namespace

bool AmxTraps::possible() { return true; }

AmxTraps::AmxTraps() {
  state = State();
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGILL, &action, &before);
}

AmxTraps::~AmxTraps() { sigaction(SIGILL, &before, nullptr); }

int64_t AmxTraps::configurations() { return state.configurations; }
int64_t AmxTraps::products() { return state.products; }
int64_t AmxTraps::releases() { return state.releases; }
const char *AmxTraps::fault() { return state.fault; }

} // namespace hillock::test

#else

namespace hillock::test {

bool AmxTraps::possible() { return false; }
AmxTraps::AmxTraps() = default;
AmxTraps::~AmxTraps() = default;
int64_t AmxTraps::configurations() { return 0; }
int64_t AmxTraps::products() { return 0; }
int64_t AmxTraps::releases() { return 0; }
const char *AmxTraps::fault() { return ""; }

} // namespace hillock::test

#endif
