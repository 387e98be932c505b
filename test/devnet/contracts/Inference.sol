// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Shapes of what ML inference on chain takes and answers.
struct Number { int128 value; int128 decimals; }
struct NumberTensor { string name; Number[] values; uint32[] shape; }
struct StringTensor { string name; string[] values; }
struct JsonScalar { string name; string value; }
struct ModelInput { NumberTensor[] numbers; StringTensor[] strings; }
struct ModelOutput { NumberTensor[] numbers; StringTensor[] strings; JsonScalar[] jsons; bool is_simulation_result; }

library Answers {
    function one() internal pure returns (ModelOutput memory output) {
        output.numbers = new NumberTensor[](1);
        output.numbers[0].name = "y";
        output.numbers[0].values = new Number[](1);
        output.numbers[0].values[0] = Number(4217, 4);
        output.numbers[0].shape = new uint32[](1);
        output.numbers[0].shape[0] = 1;
    }
}

/// Put at 0x…F4: the event of the inference precompile.
contract InferencePrecompile {
    struct Request { uint8 mode; string modelCID; ModelInput input; }
    event ModelInferenceEvent(string inferenceID, Request request, ModelOutput response);

    function infer(string calldata inferenceId, uint8 mode, string calldata modelCid) external {
        Request memory request;
        request.mode = mode;
        request.modelCID = modelCid;
        emit ModelInferenceEvent(inferenceId, request, Answers.one());
    }
}

contract InferenceHub {
    event InferenceResult(ModelOutput output);

    /// The event does not say which model it was: only the call does.
    function run(string calldata, uint8, ModelInput calldata) external returns (ModelOutput memory output) {
        output = Answers.one();
        emit InferenceResult(output);
    }
}

contract Workflow {
    string public modelId;
    event InferenceResultEmitted(address indexed caller, ModelOutput result);

    constructor(string memory modelId_) { modelId = modelId_; }

    function run() external { emit InferenceResultEmitted(msg.sender, Answers.one()); }
    function getInferenceResult() external pure returns (ModelOutput memory) { return Answers.one(); }
}

contract Scheduler {
    struct Task { address user; address contractAddress; uint256 endTime; uint256 frequency; }
    event TaskRegistered(address indexed user, address indexed contractAddress, uint256 endTime, uint256 frequency);
    event TaskStopped(address indexed user, address indexed contractAddress);

    Task[] internal list;

    function getAllTasks() external view returns (Task[] memory) { return list; }

    function registerTask(address contractAddress, uint256 endTime, uint256 frequency) external {
        list.push(Task(msg.sender, contractAddress, endTime, frequency));
        emit TaskRegistered(msg.sender, contractAddress, endTime, frequency);
    }

    function stopTask(address contractAddress) external {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i].user == msg.sender && list[i].contractAddress == contractAddress) {
                list[i] = list[list.length - 1];
                list.pop();
                emit TaskStopped(msg.sender, contractAddress);
                return;
            }
        }
        revert("no such task");
    }
}
