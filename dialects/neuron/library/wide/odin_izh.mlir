//===- odin_izh.mlir - The phenomenological neuron of ODIN ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One event of ODIN's second neuron, which shows twenty behaviours of
// Izhikevich in small integers that wrap at their width (Frenkel et al., IEEE
// TBioCAS 2019, section III): port 0 is the weight of a synaptic event,
// negative from an inhibitory source; port 1 is 1 at a time reference. Names
// are those of the fields of the neuron's word.
//
// Of a burst only the first spike is fired here: the others come from slots of
// the scheduler, which the released RTL does not keep as documented. isi_ref,
// which matters for them alone, is therefore no parameter, and spk_ref should
// be 0 (it has its effect on calcium and threshold).
//
// The program needs more registers than the image's bytecode has, so that it is
// not part of the library: it runs as IR, beside the emulated chip's neuron
// (tests/unit/dialects/crossbar).
//
//===----------------------------------------------------------------------===//
neuron.model @odin_izh ports 2
    doc "ODIN: phenomenological Izhikevich neuron, one event at a time" {
  %inacc = neuron.state "inacc" bits 11 : i32
  %refrac = neuron.state "refrac" bits 1 : i32
  %core = neuron.state "core" bits 3 : i32
  %dapdel_cnt = neuron.state "dapdel_cnt" bits 3 : i32
  %stim_str = neuron.state "stim_str" bits 3 : i32
  %stim_str_tmp = neuron.state "stim_str_tmp" bits 3 : i32
  %phasic_lock = neuron.state "phasic_lock" bits 1 : i32
  %mixed_lock = neuron.state "mixed_lock" bits 1 : i32
  %spkout_done = neuron.state "spkout_done" bits 1 : i32
  %stim0_prev = neuron.state "stim0_prev" bits 2 : i32
  %inhexc_prev = neuron.state "inhexc_prev" bits 2 : i32
  %bist_lock = neuron.state "bist_lock" bits 1 : i32
  %inhin_lock = neuron.state "inhin_lock" bits 1 : i32
  %reson_sign = neuron.state "reson_sign" bits 2 : i32
  %thrmod = neuron.state "thrmod" bits 3 : i32
  %thrleak_cnt = neuron.state "thrleak_cnt" bits 4 : i32
  %calcium = neuron.state "calcium" bits 3 : i32
  %caleak_cnt = neuron.state "caleak_cnt" bits 5 : i32
  %burst_lock = neuron.state "burst_lock" bits 1 : i32
  %up = neuron.state "up" bits 1 : i32
  %down = neuron.state "down" bits 1 : i32
  %leak_str = neuron.param "leak_str" range 0 to 127
  %leak_en = neuron.param "leak_en" range 0 to 1
  %fi_sel = neuron.param "fi_sel" range 0 to 7
  %spk_ref = neuron.param "spk_ref" range 0 to 7
  %reson_sharp_en = neuron.param "reson_sharp_en" range 0 to 1
  %thr = neuron.param "thr" range 0 to 7
  %rfr = neuron.param "rfr" range 0 to 7
  %dapdel = neuron.param "dapdel" range 0 to 7
  %spklat_en = neuron.param "spklat_en" range 0 to 1
  %dap_en = neuron.param "dap_en" range 0 to 1
  %stim_thr = neuron.param "stim_thr" range 0 to 7
  %phasic_en = neuron.param "phasic_en" range 0 to 1
  %mixed_en = neuron.param "mixed_en" range 0 to 1
  %class2_en = neuron.param "class2_en" range 0 to 1
  %neg_en = neuron.param "neg_en" range 0 to 1
  %rebound_en = neuron.param "rebound_en" range 0 to 1
  %inhin_en = neuron.param "inhin_en" range 0 to 1
  %bist_en = neuron.param "bist_en" range 0 to 1
  %reson_en = neuron.param "reson_en" range 0 to 1
  %thrvar_en = neuron.param "thrvar_en" range 0 to 1
  %thr_sel_of = neuron.param "thr_sel_of" range 0 to 1
  %thrleak = neuron.param "thrleak" range 0 to 15
  %acc_en = neuron.param "acc_en" range 0 to 1
  %ca_en = neuron.param "ca_en" range 0 to 1
  %thetamem = neuron.param "thetamem" range 0 to 7
  %theta1 = neuron.param "theta1" range 0 to 7
  %theta2 = neuron.param "theta2" range 0 to 7
  %theta3 = neuron.param "theta3" range 0 to 7
  %caleak = neuron.param "caleak" range 0 to 31
  %burst_incr = neuron.param "burst_incr" range 0 to 1
  %reson_sharp_amt = neuron.param "reson_sharp_amt" range 0 to 7
  %weight = neuron.input 0
  %reference = neuron.input 1
  %m8 = arith.constant -8 : i32
  %m7 = arith.constant -7 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %c7 = arith.constant 7 : i32
  %c8 = arith.constant 8 : i32
  %c15 = arith.constant 15 : i32
  %c31 = arith.constant 31 : i32
  %c2047 = arith.constant 2047 : i32
  %tref = arith.cmpi ne, %reference, %c0 : i32

  // Input is collected until a chosen bit of the accumulator toggles.
  %loss = arith.muli %leak_str, %leak_en : i32
  %minus_loss = arith.subi %c0, %loss : i32
  %delta = arith.select %tref, %minus_loss, %weight : i32
  %moved = arith.addi %inacc, %delta : i32
  %new_inacc = arith.andi %moved, %c2047 : i32
  neuron.write "inacc", %new_inacc
  %toggled = arith.xori %inacc, %new_inacc : i32
  %position = arith.addi %fi_sel, %c3 : i32
  %shifted = arith.shrsi %toggled, %position : i32
  %tick_bits = arith.andi %shifted, %c1 : i32
  %tick = arith.cmpi ne, %tick_bits, %c0 : i32
  %over_leak = arith.andi %tick, %tref : i1
  %inhibitory = arith.cmpi slt, %weight, %c0 : i32
  %not_tref = arith.cmpi eq, %reference, %c0 : i32
  %syn_tick = arith.andi %tick, %not_tref : i1
  %over_inh = arith.andi %syn_tick, %inhibitory : i1
  %excitatory = arith.cmpi sge, %weight, %c0 : i32
  %over_exc = arith.andi %syn_tick, %excitatory : i1

  // Strength of the stimulus: since the last time reference, and before it.
  %enough_now = arith.cmpi sge, %stim_str_tmp, %stim_thr : i32
  %enough_before = arith.cmpi sge, %stim_str, %stim_thr : i32
  %minus_running = arith.subi %c0, %stim_str_tmp : i32
  %below = arith.cmpi slt, %stim_str_tmp, %c0 : i32
  %deep = arith.cmpi sge, %minus_running, %stim_thr : i32
  %inhibited_now = arith.andi %below, %deep : i1
  %quiet = arith.cmpi eq, %stim_str_tmp, %c0 : i32
  %silence = arith.andi %tref, %quiet : i1
  %first_silence = arith.cmpi slt, %stim0_prev, %c2 : i32
  %lone = arith.andi %silence, %first_silence : i1
  %was_excited_bits = arith.andi %inhexc_prev, %c1 : i32
  %was_excited = arith.cmpi ne, %was_excited_bits, %c0 : i32
  %lone_exc = arith.andi %lone, %was_excited : i1
  %was_inhibited_bits = arith.andi %inhexc_prev, %c2 : i32
  %was_inhibited = arith.cmpi ne, %was_inhibited_bits, %c0 : i32
  %lone_inh = arith.andi %lone, %was_inhibited : i1
  %stronger = arith.addi %stim_str_tmp, %c1 : i32
  %risen = arith.minsi %stronger, %c7 : i32
  %not_lowest = arith.cmpi ne, %stim_str_tmp, %m7 : i32
  %weaker = arith.subi %stim_str_tmp, %c1 : i32
  %weaker_wrapped = neuron.wrap %weaker bits 3
  %fallen = arith.select %not_lowest, %weaker_wrapped, %stim_str_tmp : i32
  %after_inh = arith.select %over_inh, %fallen, %stim_str_tmp : i32
  %after_syn = arith.select %over_exc, %risen, %after_inh : i32
  %new_running = arith.select %tref, %c0, %after_syn : i32
  neuron.write "stim_str_tmp", %new_running
  %new_before = arith.select %tref, %stim_str_tmp, %stim_str : i32
  neuron.write "stim_str", %new_before
  %some = arith.cmpi ne, %stim_str_tmp, %c0 : i32
  %last_bit = arith.andi %stim0_prev, %c1 : i32
  %moved_bit = arith.addi %last_bit, %last_bit : i32
  %some_bit = arith.extui %some : i1 to i32
  %history = arith.addi %moved_bit, %some_bit : i32
  %new_history = arith.select %tref, %history, %stim0_prev : i32
  neuron.write "stim0_prev", %new_history
  %inh_bit = arith.extui %inhibited_now : i1 to i32
  %inh_high = arith.addi %inh_bit, %inh_bit : i32
  %exc_bit = arith.extui %enough_now : i1 to i32
  %kinds = arith.addi %inh_high, %exc_bit : i32
  %new_kinds = arith.select %tref, %kinds, %inhexc_prev : i32
  neuron.write "inhexc_prev", %new_kinds

  // The potential, in 4 bits. A resonator moves by its phase: 0 above and
  // falling to 0 (POS), 1 below (NEG), 2 rising, 3 falling through 0.
  %raised = arith.addi %thr, %thrmod : i32
  %threshold = arith.andi %raised, %c15 : i32
  %at_zero = arith.cmpi eq, %core, %c0 : i32
  %has_spklat_en = arith.cmpi ne, %spklat_en, %c0 : i32
  %counts = arith.cmpi ne, %dapdel_cnt, %c0 : i32
  %waits = arith.andi %has_spklat_en, %counts : i1
  %is_phasic_lock = arith.cmpi ne, %phasic_lock, %c0 : i32
  %locked = arith.andi %is_phasic_lock, %at_zero : i1
  %hold = arith.ori %waits, %locked : i1
  %is_falling = arith.cmpi eq, %reson_sign, %c3 : i32
  %in_low_half_bits = arith.andi %reson_sign, %c1 : i32
  %in_low_half = arith.cmpi ne, %in_low_half_bits, %c0 : i32
  %less = arith.subi %core, %c1 : i32
  %more = arith.addi %core, %c1 : i32
  %reson_leak = arith.select %is_falling, %less, %core : i32
  %is_burst_lock = arith.cmpi ne, %burst_lock, %c0 : i32
  %refractory_leak = arith.select %is_burst_lock, %core, %more : i32
  %is_spkout_done = arith.cmpi ne, %spkout_done, %c0 : i32
  %accommodated = arith.subi %core, %stim_str_tmp : i32
  %acc_leak = arith.select %is_spkout_done, %core, %accommodated : i32
  %last_count = arith.cmpi eq, %dapdel_cnt, %c1 : i32
  %has_dap_en = arith.cmpi ne, %dap_en, %c0 : i32
  %after_ends = arith.andi %has_dap_en, %last_count : i1
  %above_zero = arith.cmpi sgt, %core, %c0 : i32
  %toward_zero = arith.select %above_zero, %less, %more : i32
  %not_zero = arith.cmpi ne, %core, %c0 : i32
  %leaks_now = arith.andi %over_leak, %not_zero : i1
  %plain_leak = arith.select %leaks_now, %toward_zero, %core : i32
  %leak_1 = arith.select %after_ends, %c0, %plain_leak : i32
  %has_acc_en = arith.cmpi ne, %acc_en, %c0 : i32
  %leak_2 = arith.select %has_acc_en, %acc_leak, %leak_1 : i32
  %is_refrac = arith.cmpi ne, %refrac, %c0 : i32
  %leak_3 = arith.select %is_refrac, %refractory_leak, %leak_2 : i32
  %has_reson_en = arith.cmpi ne, %reson_en, %c0 : i32
  %leak_core = arith.select %has_reson_en, %reson_leak, %leak_3 : i32
  %down_to_zero = arith.select %at_zero, %core, %less : i32
  %at_seven = arith.cmpi eq, %core, %c7 : i32
  %up_to_seven = arith.select %at_seven, %core, %more : i32
  %has_neg_en = arith.cmpi ne, %neg_en, %c0 : i32
  %floor = arith.select %has_neg_en, %m8, %c0 : i32
  %at_floor = arith.cmpi eq, %core, %floor : i32
  %inh_hold = arith.ori %is_refrac, %at_floor : i1
  %reson_inh = arith.select %in_low_half, %up_to_seven, %down_to_zero : i32
  %plain_inh = arith.select %inh_hold, %core, %less : i32
  %inh_core = arith.select %has_reson_en, %reson_inh, %plain_inh : i32
  %enough = arith.ori %enough_before, %enough_now : i1
  %has_class2_en = arith.cmpi ne, %class2_en, %c0 : i32
  %enough_bit = arith.extui %enough : i1 to i32
  %not_enough = arith.cmpi eq, %enough_bit, %c0 : i32
  %weak = arith.andi %has_class2_en, %not_enough : i1
  %exc_hold = arith.ori %is_refrac, %weak : i1
  %reson_exc = arith.select %in_low_half, %down_to_zero, %up_to_seven : i32
  %plain_exc = arith.select %exc_hold, %core, %up_to_seven : i32
  %exc_core = arith.select %has_reson_en, %reson_exc, %plain_exc : i32
  %exc_or_same = arith.select %over_exc, %exc_core, %core : i32
  %syn_core = arith.select %over_inh, %inh_core, %exc_or_same : i32
  %moved_core = arith.select %tref, %leak_core, %syn_core : i32
  %wrapped_core = neuron.wrap %moved_core bits 3
  %next = arith.select %hold, %core, %wrapped_core : i32
  %next_zero = arith.cmpi eq, %next, %c0 : i32
  %fall_end = arith.select %next_zero, %c0, %c1 : i32
  %sign_1 = arith.select %is_falling, %fall_end, %c0 : i32
  %is_neg = arith.cmpi eq, %reson_sign, %c1 : i32
  %sign_2 = arith.select %is_neg, %c2, %sign_1 : i32
  %is_pos = arith.cmpi eq, %reson_sign, %c0 : i32
  %sign_3 = arith.select %is_pos, %c3, %sign_2 : i32
  %sign_4 = arith.select %at_zero, %c0, %sign_3 : i32
  %sign_5 = arith.select %tref, %sign_4, %reson_sign : i32
  %next_sign = arith.select %has_reson_en, %sign_5, %c0 : i32

  // The spike: the first behaviour that is enabled decides.
  %reached_bits = arith.andi %next, %c15 : i32
  %reached = arith.cmpi eq, %reached_bits, %threshold : i32
  %on_top = arith.cmpi eq, %next_sign, %c0 : i32
  %fires_reson = arith.andi %on_top, %reached : i1
  %fires_1 = arith.select %has_reson_en, %fires_reson, %reached : i1
  %is_inhin_lock = arith.cmpi ne, %inhin_lock, %c0 : i32
  %fires_2 = arith.select %is_inhin_lock, %next_zero, %fires_1 : i1
  %is_bist_lock = arith.cmpi ne, %bist_lock, %c0 : i32
  %switches = arith.select %is_bist_lock, %next_zero, %lone_exc : i1
  %fires_bist = arith.ori %switches, %reached : i1
  %has_bist_en = arith.cmpi ne, %bist_en, %c0 : i32
  %fires_3 = arith.select %has_bist_en, %fires_bist, %fires_2 : i1
  %has_rebound_en = arith.cmpi ne, %rebound_en, %c0 : i32
  %fires_rebound = arith.ori %lone_inh, %reached : i1
  %fires_4 = arith.select %has_rebound_en, %fires_rebound, %fires_3 : i1
  %fires_late = arith.andi %tref, %last_count : i1
  %fires_5 = arith.select %has_spklat_en, %fires_late, %fires_4 : i1
  %has_reson_sharp_en = arith.cmpi ne, %reson_sharp_en, %c0 : i32
  %distance = arith.cmpi eq, %dapdel_cnt, %reson_sharp_amt : i32
  %fires_sharp = arith.andi %over_exc, %distance : i1
  %spike = arith.select %has_reson_sharp_en, %fires_sharp, %fires_5 : i1
  neuron.fire %spike
  %rises = arith.ori %has_dap_en, %has_reson_en : i1
  %minus_rfr = arith.subi %c0, %rfr : i32
  %after_spike = arith.select %rises, %rfr, %minus_rfr : i32
  %stored = arith.select %spike, %after_spike, %next : i32
  neuron.write "core", %stored
  %resonates = arith.andi %spike, %has_reson_en : i1
  %new_sign = arith.select %resonates, %c1, %next_sign : i32
  neuron.write "reson_sign", %new_sign

  // Counter of after-potential, latency and sharp resonance.
  %later = arith.addi %dapdel_cnt, %c1 : i32
  %later_max = arith.minsi %later, %c7 : i32
  %restarted = arith.select %over_exc, %c0, %dapdel_cnt : i32
  %sharp_count = arith.select %tref, %later_max, %restarted : i32
  %starts_dap = arith.andi %has_dap_en, %spike : i1
  %core_bits = arith.andi %core, %c15 : i32
  %was_below = arith.cmpi ne, %core_bits, %threshold : i32
  %arrives = arith.andi %reached, %was_below : i1
  %starts_late = arith.andi %has_spklat_en, %arrives : i1
  %starts = arith.ori %starts_dap, %starts_late : i1
  %earlier = arith.subi %dapdel_cnt, %c1 : i32
  %earlier_min = arith.maxsi %earlier, %c0 : i32
  %counted = arith.select %tref, %earlier_min, %dapdel_cnt : i32
  %other_count = arith.select %starts, %dapdel, %counted : i32
  %new_count = arith.select %has_reson_sharp_en, %sharp_count, %other_count :
      i32
  neuron.write "dapdel_cnt", %new_count

  // Locks.
  %sets_now = arith.andi %spike, %enough : i1
  %resting = arith.ori %at_zero, %is_refrac : i1
  %sets_later_part = arith.andi %tref, %is_spkout_done : i1
  %sets_later_part_2 = arith.andi %sets_later_part, %resting : i1
  %sets_later = arith.andi %sets_later_part_2, %enough_now : i1
  %sets = arith.ori %sets_now, %sets_later : i1
  %keeps_bit = arith.select %enough_before, %c1, %c0 : i32
  %phasic_kept = arith.muli %phasic_lock, %keeps_bit : i32
  %new_phasic = arith.select %sets, %phasic_en, %phasic_kept : i32
  neuron.write "phasic_lock", %new_phasic
  %mixed_kept = arith.muli %mixed_lock, %keeps_bit : i32
  %new_mixed = arith.select %sets, %mixed_en, %mixed_kept : i32
  neuron.write "mixed_lock", %new_mixed
  %spike_bit = arith.extui %spike : i1 to i32
  %has_fired = arith.maxsi %spkout_done, %spike_bit : i32
  %new_done = arith.select %tref, %c0, %has_fired : i32
  neuron.write "spkout_done", %new_done
  %toggles_part = arith.andi %tref, %has_bist_en : i1
  %toggles = arith.andi %toggles_part, %lone_exc : i1
  %toggle_bit = arith.extui %toggles : i1 to i32
  %new_bist = arith.xori %bist_lock, %toggle_bit : i32
  neuron.write "bist_lock", %new_bist
  %minus_core = arith.subi %c0, %core : i32
  %mirrored_bits = arith.andi %minus_core, %c15 : i32
  %mirrored = arith.cmpi eq, %mirrored_bits, %threshold : i32
  %not_refractory = arith.cmpi eq, %refrac, %c0 : i32
  %has_inhin_en = arith.cmpi ne, %inhin_en, %c0 : i32
  %locks_inh_part = arith.andi %has_inhin_en, %not_refractory : i1
  %locks_inh = arith.andi %locks_inh_part, %mirrored : i1
  %released = arith.select %silence, %c0, %inhin_lock : i32
  %new_inhin = arith.select %locks_inh, %c1, %released : i32
  neuron.write "inhin_lock", %new_inhin
  %inhin_now = arith.cmpi ne, %new_inhin, %c0 : i32
  %goes_refractory = arith.ori %spike, %inhin_now : i1
  %rises_bit = arith.extui %rises : i1 to i32
  %falls = arith.cmpi eq, %rises_bit, %c0 : i32
  %has_rfr = arith.cmpi ne, %rfr, %c0 : i32
  %rests = arith.andi %falls, %has_rfr : i1
  %rest_bit = arith.extui %rests : i1 to i32
  %old_refrac = arith.select %next_zero, %c0, %refrac : i32
  %new_refrac = arith.select %goes_refractory, %rest_bit, %old_refrac : i32
  neuron.write "refrac", %new_refrac
  %is_mixed_lock = arith.cmpi ne, %mixed_lock, %c0 : i32
  %burst_count = arith.select %is_mixed_lock, %c0, %spk_ref : i32
  %several = arith.cmpi ne, %burst_count, %c0 : i32
  %bursts = arith.andi %spike, %several : i1
  %new_burst = arith.select %bursts, %c1, %burst_lock : i32
  neuron.write "burst_lock", %new_burst
  %burst_length = arith.addi %burst_count, %c1 : i32
  %burst = arith.minsi %burst_length, %c7 : i32

  // A threshold that varies.
  %period = arith.muli %thrleak, %thrvar_en : i32
  %has_period = arith.cmpi ne, %period, %c0 : i32
  %leak_counts = arith.andi %tref, %has_period : i1
  %last_of_period = arith.subi %period, %c1 : i32
  %period_ends = arith.cmpi eq, %thrleak_cnt, %last_of_period : i32
  %leak_pulse = arith.andi %leak_counts, %period_ends : i1
  %one_more = arith.addi %thrleak_cnt, %c1 : i32
  %one_more_wrapped = arith.andi %one_more, %c15 : i32
  %thr_counted = arith.select %leak_counts, %one_more_wrapped, %thrleak_cnt :
      i32
  %new_thrleak = arith.select %leak_pulse, %c0, %thr_counted : i32
  neuron.write "thrleak_cnt", %new_thrleak
  %wide_sum = arith.addi %stim_str_tmp, %thr : i32
  %wide_bits = arith.andi %wide_sum, %c8 : i32
  %wide = arith.cmpi ne, %wide_bits, %c0 : i32
  %not_negative = arith.cmpi sge, %stim_str_tmp, %c0 : i32
  %limit = arith.select %not_negative, %c7, %c1 : i32
  %limited = arith.subi %limit, %thr : i32
  %acc_mod = arith.select %wide, %limited, %stim_str_tmp : i32
  %acc_new = arith.select %tref, %acc_mod, %thrmod : i32
  %at_top = arith.cmpi eq, %threshold, %c7 : i32
  %mod_up = arith.addi %thrmod, %c1 : i32
  %step_up = arith.select %at_top, %thrmod, %mod_up : i32
  %room_raw = arith.subi %c7, %threshold : i32
  %room = arith.andi %room_raw, %c15 : i32
  %too_small = arith.cmpi slt, %room, %burst : i32
  %mod_burst = arith.addi %thrmod, %burst : i32
  %burst_up = arith.select %too_small, %c7, %mod_burst : i32
  %has_burst_incr = arith.cmpi ne, %burst_incr, %c0 : i32
  %increase = arith.select %has_burst_incr, %burst_up, %step_up : i32
  %at_bottom = arith.cmpi eq, %threshold, %c1 : i32
  %mod_down = arith.subi %thrmod, %c1 : i32
  %decrease = arith.select %at_bottom, %thrmod, %mod_down : i32
  %has_thr_sel_of = arith.cmpi ne, %thr_sel_of, %c0 : i32
  %trigger = arith.select %has_thr_sel_of, %spike, %over_exc : i1
  %by_input = arith.cmpi eq, %thr_sel_of, %c0 : i32
  %lowers = arith.andi %over_inh, %by_input : i1
  %mod_above = arith.cmpi sgt, %thrmod, %c0 : i32
  %mod_below = arith.cmpi slt, %thrmod, %c0 : i32
  %above_bit = arith.extui %mod_above : i1 to i32
  %mod_less = arith.subi %thrmod, %above_bit : i32
  %below_bit = arith.extui %mod_below : i1 to i32
  %relaxed = arith.addi %mod_less, %below_bit : i32
  %var_1 = arith.select %leak_pulse, %relaxed, %thrmod : i32
  %var_2 = arith.select %lowers, %decrease, %var_1 : i32
  %var_3 = arith.select %trigger, %increase, %var_2 : i32
  %has_thrvar_en = arith.cmpi ne, %thrvar_en, %c0 : i32
  %var_4 = arith.select %has_thrvar_en, %var_3, %thrmod : i32
  %mod_raw = arith.select %has_acc_en, %acc_new, %var_4 : i32
  %new_thrmod = neuron.wrap %mod_raw bits 3
  neuron.write "thrmod", %new_thrmod

  // Calcium and what the synapses are told, as in odin_lif.
  %has_ca_en = arith.cmpi ne, %ca_en, %c0 : i32
  %has_caleak = arith.cmpi ne, %caleak, %c0 : i32
  %ca_counts_part = arith.andi %tref, %has_caleak : i1
  %ca_counts = arith.andi %ca_counts_part, %has_ca_en : i1
  %last_caleak = arith.subi %caleak, %c1 : i32
  %caleak_ends = arith.cmpi eq, %caleak_cnt, %last_caleak : i32
  %ca_pulse = arith.andi %ca_counts, %caleak_ends : i1
  %ca_more = arith.addi %caleak_cnt, %c1 : i32
  %ca_more_wrapped = arith.andi %ca_more, %c31 : i32
  %ca_counted = arith.select %ca_counts, %ca_more_wrapped, %caleak_cnt : i32
  %new_caleak = arith.select %ca_pulse, %c0, %ca_counted : i32
  neuron.write "caleak_cnt", %new_caleak
  %gain = arith.select %has_burst_incr, %burst, %c1 : i32
  %up_amount = arith.select %ca_pulse, %c0, %gain : i32
  %pulse_bit = arith.extui %ca_pulse : i1 to i32
  %down_amount = arith.subi %c0, %pulse_bit : i32
  %change = arith.select %spike, %up_amount, %down_amount : i32
  %ca_moved = arith.addi %calcium, %change : i32
  %ca_within = neuron.saturate %ca_moved, %c0, %c7
  %new_calcium = arith.select %has_ca_en, %ca_within, %calcium : i32
  neuron.write "calcium", %new_calcium
  %stored_positive = arith.cmpi sge, %stored, %c0 : i32
  %enough_calcium = arith.cmpi sge, %new_calcium, %theta1 : i32
  %learns_part = arith.andi %has_ca_en, %stored_positive : i1
  %learns = arith.andi %learns_part, %enough_calcium : i1
  %high = arith.cmpi sge, %stored, %thetamem : i32
  %low = arith.cmpi slt, %stored, %thetamem : i32
  %below_theta3 = arith.cmpi slt, %new_calcium, %theta3 : i32
  %goes_up_part = arith.andi %learns, %high : i1
  %goes_up = arith.andi %goes_up_part, %below_theta3 : i1
  %new_up = arith.extui %goes_up : i1 to i32
  neuron.write "up", %new_up
  %below_theta2 = arith.cmpi slt, %new_calcium, %theta2 : i32
  %goes_down_part = arith.andi %learns, %low : i1
  %goes_down = arith.andi %goes_down_part, %below_theta2 : i1
  %new_down = arith.extui %goes_down : i1 to i32
  neuron.write "down", %new_down
}
