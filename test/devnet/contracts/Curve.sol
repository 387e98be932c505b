// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Curve's VotingEscrow and GaugeController by their published maths: power decays linearly to zero at the end of a lock
/// (at most four years, ends rounded down to weeks), and gauges are weighted by slopes that end with the locks. What ends
/// in `_as` takes the account that would have sent it.
contract CurveToken {
    string public name = "Devnet Curve";
    string public symbol = "DCV";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }
}

contract CurveEscrow {
    struct Point { int128 bias; int128 slope; uint256 ts; uint256 blk; }
    struct LockedBalance { int128 amount; uint256 end; }

    uint256 internal constant WEEK = 7 days;
    int128 internal constant MAXTIME = 4 * 365 days;
    uint256 internal constant MULTIPLIER = 1e18;

    string public name = "Vote-escrowed DCV";
    string public symbol = "veDCV";
    uint256 public constant decimals = 18;
    address public token;
    address public controller;
    /// Of tokens that are locked, not of power.
    uint256 public supply;
    mapping(address => LockedBalance) public locked;
    uint256 public epoch;
    mapping(uint256 => Point) public point_history;
    mapping(address => mapping(uint256 => Point)) public user_point_history;
    mapping(address => uint256) public user_point_epoch;
    mapping(uint256 => int128) public slope_changes;

    event Deposit(address indexed provider, uint256 value, uint256 indexed locktime, int128 type_, uint256 ts);
    event Withdraw(address indexed provider, uint256 value, uint256 ts);
    event Supply(uint256 prevSupply, uint256 supply);

    constructor(address token_) {
        token = token_;
        controller = msg.sender;
        point_history[0] = Point(0, 0, block.timestamp, block.number);
    }

    function locked__end(address addr) external view returns (uint256) { return locked[addr].end; }

    function get_last_user_slope(address addr) external view returns (int128) {
        return user_point_history[addr][user_point_epoch[addr]].slope;
    }

    function create_lock_as(address who, uint256 value, uint256 unlock_time) external {
        uint256 end = (unlock_time / WEEK) * WEEK;
        require(value > 0, "nothing to lock");
        require(locked[who].amount == 0, "Withdraw old tokens first");
        require(end > block.timestamp, "Can only lock until time in the future");
        require(end <= block.timestamp + uint128(MAXTIME), "Voting lock can be 4 years max");
        deposit(who, value, end, 1);
    }

    function deposit_for_as(address who, uint256 value) external { require(alive(who), "No lock"); deposit(who, value, 0, 0); }
    function increase_amount_as(address who, uint256 value) external { require(alive(who), "No lock"); deposit(who, value, 0, 2); }

    function increase_unlock_time_as(address who, uint256 unlock_time) external {
        uint256 end = (unlock_time / WEEK) * WEEK;
        require(alive(who), "Lock expired");
        require(end > locked[who].end, "Can only increase lock duration");
        require(end <= block.timestamp + uint128(MAXTIME), "Voting lock can be 4 years max");
        deposit(who, 0, end, 3);
    }

    function withdraw_as(address who) external {
        LockedBalance memory old = locked[who];
        require(block.timestamp >= old.end, "The lock didn't expire");
        uint256 value = uint128(old.amount);
        locked[who] = LockedBalance(0, 0);
        uint256 before = supply;
        supply = before - value;
        _checkpoint(who, old, LockedBalance(0, 0));
        emit Withdraw(who, value, block.timestamp);
        emit Supply(before, supply);
    }

    function checkpoint() external { _checkpoint(address(0), LockedBalance(0, 0), LockedBalance(0, 0)); }

    function balanceOf(address addr) external view returns (uint256) { return balanceOf(addr, block.timestamp); }
    function balanceOf(address addr, uint256 t) public view returns (uint256) {
        Point memory last = user_point_history[addr][user_point_epoch[addr]];
        return positive(last.bias - last.slope * int128(int256(t) - int256(last.ts)));
    }

    function balanceOfAt(address addr, uint256 blk) external view returns (uint256) {
        require(blk <= block.number, "future block");
        uint256 low = 0;
        uint256 high = user_point_epoch[addr];
        while (low < high) {
            uint256 mid = (low + high + 1) / 2;
            if (user_point_history[addr][mid].blk <= blk) low = mid; else high = mid - 1;
        }
        Point memory point = user_point_history[addr][low];
        return positive(point.bias - point.slope * int128(int256(timeOf(blk)) - int256(point.ts)));
    }

    function totalSupply() external view returns (uint256) { return totalSupply(block.timestamp); }
    function totalSupply(uint256 t) public view returns (uint256) { return supplyAt(point_history[epoch], t); }
    function totalSupplyAt(uint256 blk) external view returns (uint256) {
        require(blk <= block.number, "future block");
        return supplyAt(point_history[epochOf(blk)], timeOf(blk));
    }

    function alive(address who) private view returns (bool) { return locked[who].amount > 0 && locked[who].end > block.timestamp; }

    function deposit(address who, uint256 value, uint256 end, int128 type_) private {
        LockedBalance memory old = locked[who];
        LockedBalance memory next = LockedBalance(old.amount + int128(uint128(value)), end == 0 ? old.end : end);
        locked[who] = next;
        uint256 before = supply;
        supply = before + value;
        _checkpoint(who, old, next);
        emit Deposit(who, value, next.end, type_, block.timestamp);
        emit Supply(before, supply);
    }

    function _checkpoint(address who, LockedBalance memory old, LockedBalance memory next) private {
        Point memory from;
        Point memory to;
        int128 oldSlopeChange = 0;
        int128 newSlopeChange = 0;
        if (who != address(0)) {
            from = pointOf(old);
            to = pointOf(next);
            oldSlopeChange = slope_changes[old.end];
            if (next.end != 0) newSlopeChange = next.end == old.end ? oldSlopeChange : slope_changes[next.end];
        }
        Point memory last = fill();
        if (who != address(0)) {
            last.slope += to.slope - from.slope;
            last.bias += to.bias - from.bias;
            if (last.slope < 0) last.slope = 0;
            if (last.bias < 0) last.bias = 0;
        }
        point_history[epoch] = last;
        if (who == address(0)) return;
        if (old.end > block.timestamp) {
            oldSlopeChange += from.slope;
            if (next.end == old.end) oldSlopeChange -= to.slope;
            slope_changes[old.end] = oldSlopeChange;
        }
        if (next.end > block.timestamp && next.end > old.end) {
            newSlopeChange -= to.slope;
            slope_changes[next.end] = newSlopeChange;
        }
        uint256 userEpoch = ++user_point_epoch[who];
        to.ts = block.timestamp;
        to.blk = block.number;
        user_point_history[who][userEpoch] = to;
    }

    /// One point for each week since the last, up to now; `epoch` is then the one of now, which is returned.
    function fill() private returns (Point memory last) {
        last = point_history[epoch];
        Point memory initial = Point(last.bias, last.slope, last.ts, last.blk);
        uint256 checkpointAt = last.ts;
        uint256 perSecond = block.timestamp > last.ts ? (MULTIPLIER * (block.number - last.blk)) / (block.timestamp - last.ts) : 0;
        uint256 week = (checkpointAt / WEEK) * WEEK;
        for (uint256 i = 0; i < 255; i++) {
            week += WEEK;
            int128 change = 0;
            if (week > block.timestamp) week = block.timestamp; else change = slope_changes[week];
            last.bias -= last.slope * int128(int256(week - checkpointAt));
            last.slope += change;
            if (last.bias < 0) last.bias = 0;
            if (last.slope < 0) last.slope = 0;
            checkpointAt = week;
            last.ts = week;
            last.blk = initial.blk + (perSecond * (week - initial.ts)) / MULTIPLIER;
            epoch += 1;
            if (week == block.timestamp) { last.blk = block.number; break; }
            point_history[epoch] = last;
        }
    }

    function pointOf(LockedBalance memory lock) private view returns (Point memory point) {
        if (lock.end <= block.timestamp || lock.amount <= 0) return point;
        point.slope = lock.amount / MAXTIME;
        point.bias = point.slope * int128(int256(lock.end - block.timestamp));
    }

    function supplyAt(Point memory point, uint256 t) private view returns (uint256) {
        uint256 week = (point.ts / WEEK) * WEEK;
        for (uint256 i = 0; i < 255; i++) {
            week += WEEK;
            int128 change = 0;
            if (week > t) week = t; else change = slope_changes[week];
            point.bias -= point.slope * int128(int256(week) - int256(point.ts));
            if (week == t) break;
            point.slope += change;
            point.ts = week;
        }
        return positive(point.bias);
    }

    function epochOf(uint256 blk) private view returns (uint256 low) {
        uint256 high = epoch;
        while (low < high) {
            uint256 mid = (low + high + 1) / 2;
            if (point_history[mid].blk <= blk) low = mid; else high = mid - 1;
        }
    }

    /// By the blocks on both sides.
    function timeOf(uint256 blk) private view returns (uint256) {
        uint256 at = epochOf(blk);
        Point memory point = point_history[at];
        uint256 blocks = block.number - point.blk;
        uint256 seconds_ = block.timestamp - point.ts;
        if (at < epoch) {
            blocks = point_history[at + 1].blk - point.blk;
            seconds_ = point_history[at + 1].ts - point.ts;
        }
        return blocks == 0 ? point.ts : point.ts + (seconds_ * (blk - point.blk)) / blocks;
    }

    function positive(int128 value) private pure returns (uint256) { return value > 0 ? uint128(value) : 0; }
}

contract CurveController {
    struct Weight { uint256 bias; uint256 slope; }
    struct VotedSlope { uint256 slope; uint256 power; uint256 end; }

    uint256 internal constant WEEK = 7 days;

    CurveEscrow public voting_escrow;
    address public token;
    int128 public n_gauge_types;
    int128 public n_gauges;
    mapping(int128 => string) public gauge_type_names;
    address[1000000000] public gauges;
    mapping(address => int128) internal types;
    mapping(address => mapping(address => VotedSlope)) public vote_user_slopes;
    mapping(address => uint256) public vote_user_power;
    mapping(address => mapping(address => uint256)) public last_user_vote;
    mapping(address => mapping(uint256 => Weight)) public points_weight;
    mapping(address => mapping(uint256 => uint256)) internal changes_weight;
    mapping(address => uint256) public time_weight;
    mapping(int128 => mapping(uint256 => Weight)) public points_sum;
    mapping(int128 => mapping(uint256 => uint256)) internal changes_sum;
    mapping(uint256 => uint256) public time_sum;
    mapping(uint256 => uint256) public points_total;
    uint256 public time_total;
    mapping(int128 => mapping(uint256 => uint256)) public points_type_weight;
    mapping(uint256 => uint256) public time_type_weight;
    /// Ten days; may be changed here, for stories that cannot wait.
    uint256 public vote_delay = 10 days;

    event AddType(string name, int128 type_id);
    event NewTypeWeight(int128 type_id, uint256 time, uint256 weight, uint256 total_weight);
    event NewGaugeWeight(address gauge_address, uint256 time, uint256 weight, uint256 total_weight);
    event VoteForGauge(uint256 time, address user, address gauge_addr, uint256 weight);
    event NewGauge(address addr, int128 gauge_type, uint256 weight);

    constructor(address token_, CurveEscrow escrow) {
        token = token_;
        voting_escrow = escrow;
        time_total = (block.timestamp / WEEK) * WEEK;
    }

    function set_vote_delay(uint256 delay) external { vote_delay = delay; }

    function gauge_types(address addr) external view returns (int128) {
        require(types[addr] != 0);
        return types[addr] - 1;
    }

    function add_type(string calldata name, uint256 weight) external {
        int128 id = n_gauge_types++;
        gauge_type_names[id] = name;
        if (weight != 0) changeTypeWeight(id, weight);
        if (weight != 0) emit AddType(name, id);
    }

    function change_type_weight(int128 id, uint256 weight) external { changeTypeWeight(id, weight); }

    function add_gauge(address addr, int128 gaugeType, uint256 weight) external {
        require(gaugeType >= 0 && gaugeType < n_gauge_types, "no such type");
        require(types[addr] == 0, "cannot add the same gauge twice");
        gauges[uint128(n_gauges++)] = addr;
        types[addr] = gaugeType + 1;
        uint256 next = nextWeek();
        if (weight > 0) {
            uint256 typeWeight = getTypeWeight(gaugeType);
            uint256 oldSum = getSum(gaugeType);
            uint256 oldTotal = getTotal();
            points_sum[gaugeType][next].bias = weight + oldSum;
            time_sum[uint128(gaugeType)] = next;
            points_total[next] = oldTotal + typeWeight * weight;
            time_total = next;
            points_weight[addr][next].bias = weight;
        }
        if (time_sum[uint128(gaugeType)] == 0) time_sum[uint128(gaugeType)] = next;
        time_weight[addr] = next;
        emit NewGauge(addr, gaugeType, weight);
    }

    function checkpoint() external { getTotal(); }
    function checkpoint_gauge(address addr) external { getWeight(addr); getTotal(); }

    function gauge_relative_weight(address addr) external view returns (uint256) { return relative(addr, block.timestamp); }
    /// 0 for weeks that nobody has filled in.
    function gauge_relative_weight(address addr, uint256 time) external view returns (uint256) { return relative(addr, time); }
    function gauge_relative_weight_write(address addr) external returns (uint256) {
        getWeight(addr);
        getTotal();
        return relative(addr, block.timestamp);
    }

    function get_gauge_weight(address addr) external view returns (uint256) { return points_weight[addr][time_weight[addr]].bias; }
    function get_type_weight(int128 id) external view returns (uint256) { return points_type_weight[id][time_type_weight[uint128(id)]]; }
    function get_total_weight() external view returns (uint256) { return points_total[time_total]; }
    function get_weights_sum_per_type(int128 id) external view returns (uint256) { return points_sum[id][time_sum[uint128(id)]].bias; }

    struct Change { uint256 next; uint256 oldDt; uint256 newDt; uint256 weightBias; uint256 weightSlope; uint256 sumBias; uint256 sumSlope; }

    function vote_for_gauge_weights_as(address user, address gauge, uint256 weight) external {
        uint256 lockEnd = voting_escrow.locked__end(user);
        Change memory c;
        c.next = nextWeek();
        require(lockEnd > c.next, "Your token lock expires too soon");
        require(weight <= 10000, "You used all your voting power");
        require(block.timestamp >= last_user_vote[user][gauge] + vote_delay || last_user_vote[user][gauge] == 0, "Cannot vote so often");
        require(types[gauge] != 0, "Gauge not added");
        int128 id = types[gauge] - 1;
        VotedSlope memory old = vote_user_slopes[user][gauge];
        if (old.end > c.next) c.oldDt = old.end - c.next;
        VotedSlope memory now_ = VotedSlope((uint256(uint128(voting_escrow.get_last_user_slope(user))) * weight) / 10000, weight, lockEnd);
        c.newDt = lockEnd - c.next;
        vote_user_power[user] = vote_user_power[user] + now_.power - old.power;
        require(vote_user_power[user] <= 10000, "Used too much power");

        c.weightBias = getWeight(gauge);
        c.weightSlope = points_weight[gauge][c.next].slope;
        c.sumBias = getSum(id);
        c.sumSlope = points_sum[id][c.next].slope;
        uint256 newBias = now_.slope * c.newDt;
        uint256 oldBias = old.slope * c.oldDt;
        points_weight[gauge][c.next].bias = max(c.weightBias + newBias, oldBias) - oldBias;
        points_sum[id][c.next].bias = max(c.sumBias + newBias, oldBias) - oldBias;
        if (old.end > c.next) {
            points_weight[gauge][c.next].slope = max(c.weightSlope + now_.slope, old.slope) - old.slope;
            points_sum[id][c.next].slope = max(c.sumSlope + now_.slope, old.slope) - old.slope;
        } else {
            points_weight[gauge][c.next].slope += now_.slope;
            points_sum[id][c.next].slope += now_.slope;
        }
        if (old.end > block.timestamp) {
            changes_weight[gauge][old.end] -= old.slope;
            changes_sum[id][old.end] -= old.slope;
        }
        changes_weight[gauge][now_.end] += now_.slope;
        changes_sum[id][now_.end] += now_.slope;
        getTotal();
        vote_user_slopes[user][gauge] = now_;
        last_user_vote[user][gauge] = block.timestamp;
        emit VoteForGauge(block.timestamp, user, gauge, weight);
    }

    function relative(address addr, uint256 time) private view returns (uint256) {
        uint256 t = (time / WEEK) * WEEK;
        uint256 total = points_total[t];
        if (total == 0 || types[addr] == 0) return 0;
        return (1e18 * points_type_weight[types[addr] - 1][t] * points_weight[addr][t].bias) / total;
    }

    function nextWeek() private view returns (uint256) { return ((block.timestamp + WEEK) / WEEK) * WEEK; }

    function changeTypeWeight(int128 id, uint256 weight) private {
        uint256 oldWeight = getTypeWeight(id);
        uint256 oldSum = getSum(id);
        uint256 total = getTotal();
        uint256 next = nextWeek();
        total = total + oldSum * weight - oldSum * oldWeight;
        points_total[next] = total;
        points_type_weight[id][next] = weight;
        time_total = next;
        time_type_weight[uint128(id)] = next;
        emit NewTypeWeight(id, next, weight, total);
    }

    function getTypeWeight(int128 id) private returns (uint256 weight) {
        uint256 t = time_type_weight[uint128(id)];
        if (t == 0) return 0;
        weight = points_type_weight[id][t];
        for (uint256 i = 0; i < 500 && t <= block.timestamp; i++) {
            t += WEEK;
            points_type_weight[id][t] = weight;
            if (t > block.timestamp) time_type_weight[uint128(id)] = t;
        }
    }

    function getSum(int128 id) private returns (uint256) {
        uint256 t = time_sum[uint128(id)];
        if (t == 0) return 0;
        Weight memory point = points_sum[id][t];
        for (uint256 i = 0; i < 500 && t <= block.timestamp; i++) {
            t += WEEK;
            decay(point, changes_sum[id][t]);
            points_sum[id][t] = point;
            if (t > block.timestamp) time_sum[uint128(id)] = t;
        }
        return point.bias;
    }

    function getTotal() private returns (uint256 total) {
        uint256 t = time_total;
        // What was written for the coming week already is written anew.
        if (t > block.timestamp) t -= WEEK;
        for (int128 id = 0; id < n_gauge_types; id++) {
            getSum(id);
            getTypeWeight(id);
        }
        total = points_total[t];
        for (uint256 i = 0; i < 500 && t <= block.timestamp; i++) {
            t += WEEK;
            total = 0;
            for (int128 id = 0; id < n_gauge_types; id++) total += points_sum[id][t].bias * points_type_weight[id][t];
            points_total[t] = total;
            if (t > block.timestamp) time_total = t;
        }
    }

    function getWeight(address addr) private returns (uint256) {
        uint256 t = time_weight[addr];
        if (t == 0) return 0;
        Weight memory point = points_weight[addr][t];
        for (uint256 i = 0; i < 500 && t <= block.timestamp; i++) {
            t += WEEK;
            decay(point, changes_weight[addr][t]);
            points_weight[addr][t] = point;
            if (t > block.timestamp) time_weight[addr] = t;
        }
        return point.bias;
    }

    function decay(Weight memory point, uint256 change) private pure {
        if (point.bias > point.slope * WEEK) {
            point.bias -= point.slope * WEEK;
            point.slope -= change;
        } else {
            point.bias = 0;
            point.slope = 0;
        }
    }

    function max(uint256 a, uint256 b) private pure returns (uint256) { return a > b ? a : b; }
}
