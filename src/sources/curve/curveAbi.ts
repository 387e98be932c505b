import { parseAbi } from 'viem';

/** What is asked of Curve's VotingEscrow and GaugeController (github.com/curvefi/curve-dao-contracts). */
export const curveAbi = parseAbi([
  // Escrow.
  'function token() view returns (address)',
  'function supply() view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address addr) view returns (uint256)',
  'function locked(address addr) view returns (int128 amount, uint256 end)',
  'function decimals() view returns (uint256)',
  'function symbol() view returns (string)',
  // Controller.
  'function n_gauges() view returns (int128)',
  'function gauges(uint256 index) view returns (address)',
  'function get_gauge_weight(address gauge) view returns (uint256)',
  'function vote_user_slopes(address user, address gauge) view returns (uint256 slope, uint256 power, uint256 end)',
]);

/** In an ABI of its own: there is one of the same name with a time. */
export const relativeWeightAbi = parseAbi([
  'function gauge_relative_weight(address gauge) view returns (uint256)',
  'function get_total_weight() view returns (uint256)',
]);
