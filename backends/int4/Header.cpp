//===- backends/int4/Header.cpp - The C header of an object ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Header.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace hillock::int4 {

namespace {

std::string shapeText(const ann::Shape &shape) {
  std::string text;
  for (const int64_t size : shape)
    text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

} // namespace

std::string headerOf(const ann::IntNetwork &network, const NativeCode &code,
                     const std::string &prefix, const std::string &triple) {
  const std::string upper = llvm::StringRef(prefix).upper();
  const auto value = [&](int index) -> const ann::IntValue & {
    return network.values[static_cast<size_t>(index)];
  };
  const ann::IntValue &in = value(network.input);
  const ann::IntValue &out = value(network.output);
  const auto count = [](const ann::IntValue &v) {
    return static_cast<uint64_t>(ann::countElements(v.shape).value_or(0));
  };
  std::string text;
  llvm::raw_string_ostream os(text);
  const auto define = [&](const char *name, uint64_t number,
                          const std::string &comment) {
    os << "#define " << upper << '_' << name << ' ' << number << " /* "
       << comment << " */\n";
  };
  const char *const permission =
      code.kernel != "amx"
          ? ""
          : "/* Uses AMX tiles. On Linux a process has to ask for them first, "
            "once:\n   syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, 18), "
            "where ARCH_REQ_XCOMP_PERM is\n   0x1023 and 18 the state of "
            "tiles; when that is not 0, use another object.\n   The caller's "
            "own tiles are lost. */\n";
  os << "/* Made by hillock for " << triple << " (" << code.kernel
     << "). Do not edit.\n"
     << "   Allocates nothing, keeps no state, calls nothing but memcpy. */\n"
     << permission << "#ifndef " << upper << "_H\n#define " << upper << "_H\n"
     << "#include <stdint.h>\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* Input: " << shapeText(in.shape) << " codes of " << in.q.low
     << " to " << in.q.high << ", row-major;\n   real value = " << upper
     << "_INPUT_SCALE * (code - " << upper << "_INPUT_ZERO).\n"
     << "   Output: " << shapeText(out.shape) << " codes, the same way. */\n";
  define("INPUT_SIZE", count(in), "codes");
  define("OUTPUT_SIZE", count(out), "codes");
  define("ARENA_SIZE", code.arenaBytes, "bytes");
  if (code.stackBytes != 0) // only ELF objects say what their frames take
    define("STACK_SIZE", code.stackBytes,
           "bytes at most, by " + prefix + "_run, without those of memcpy");
  define("FLASH_SIZE", code.flashBytes(), "bytes of code and constants");
  os << "#define " << upper << "_INPUT_ZERO (" << in.q.zero << ")\n"
     << "#define " << upper << "_INPUT_SCALE "
     << llvm::format("%.17e", in.q.scale) << "\n"
     << "#define " << upper << "_OUTPUT_ZERO (" << out.q.zero << ")\n"
     << "#define " << upper << "_OUTPUT_SCALE "
     << llvm::format("%.17e", out.q.scale) << "\n\n"
     << "/* arena: " << upper
     << "_ARENA_SIZE bytes, aligned to 16; its contents do not matter before\n"
     << "   and after. Calls with different arenas may run at once. */\n"
     << "void " << prefix << "_run(const int8_t *input, int32_t *output, "
     << "void *arena);\n\n"
     << "#ifdef __cplusplus\n}\n#endif\n#endif\n";
  return text;
}

} // namespace hillock::int4
