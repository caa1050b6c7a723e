import CalCom
import Domain
import Foundation

@testable import Ledger
@testable import Plan
@testable import SOQL

/// What is fed with the fuzzer's bytes: `DAYBOOK_FUZZ` names it.
private enum Subject: String {
    case payload
    case signature
    case settings
    case appdata
    case soql
    case json
    case tape
    case leaf
    case note
    case checkpoint
    case proof
    case plan

    static let chosen: Subject = {
        let name = ProcessInfo.processInfo.environment["DAYBOOK_FUZZ"] ?? "payload"
        guard let subject = Subject(rawValue: name) else {
            print("DAYBOOK_FUZZ names nothing that can be fuzzed: \(name)")
            exit(64)
        }
        return subject
    }()

    private static let now = Domain.Instant(milliseconds: 1_793_714_400_000)

    /// Reads the bytes as what is chosen. Whatever they are, it returns.
    func read(_ bytes: [UInt8]) {
        switch self {
        case .payload: readPayload(bytes)
        case .signature:
            let verifier = WebhookSignature(secrets: ["whsec-example-1"])
            let text = String(decoding: bytes, as: UTF8.self)
            precondition(!verifier.isAuthentic(body: Array("{}".utf8), signature: text))
        case .settings: readSettings(bytes)
        case .appdata:
            attempt { _ = try CalComSettings.import(Domain.JSON(parsing: bytes)) }
        case .soql:
            attempt { _ = try QueryParser.parse(String(decoding: bytes, as: UTF8.self)) }
        case .json: readJSON(bytes)
        case .tape: readTape(bytes)
        case .leaf: readLeaf(bytes)
        case .note: attempt { _ = try SignedNote(parsing: String(decoding: bytes, as: UTF8.self)) }
        case .checkpoint:
            attempt { _ = try Checkpoint(text: String(decoding: bytes, as: UTF8.self)) }
            attempt { _ = try NoteVerifier(text: String(decoding: bytes, as: UTF8.self)) }
        case .proof:
            attempt { _ = try ProofFile(parsing: String(decoding: bytes, as: UTF8.self)) }
            attempt { _ = try ConsistencyFile(parsing: String(decoding: bytes, as: UTF8.self)) }
        case .plan:
            attempt { _ = try ApprovedPlan(Domain.JSON(parsing: bytes), now: Self.now) }
        }
    }

    private func readPayload(_ bytes: [UInt8]) {
        for body in DeliveryFile.split(bytes) {
            for fact in CalComDelivery.read(Array(body), arrived: Self.now).facts {
                _ = FactMeaning(of: fact)
            }
        }
    }

    /// What is accepted is written and read again as the same.
    private func readSettings(_ bytes: [UInt8]) {
        attempt {
            let settings = try SettingsDocument.decodeSettings(Domain.JSON(parsing: bytes))
            let again = try SettingsDocument.decodeSettings(SettingsDocument.encode(settings))
            precondition(settings == again)
        }
    }

    private func readJSON(_ bytes: [UInt8]) {
        attempt {
            let value = try Domain.JSON(parsing: bytes)
            let again = try Domain.JSON(parsing: value.bytes)
            precondition(again == value)
        }
        attempt { _ = try JSONParser.parse(bytes) }
    }

    /// A tape and a tree accept the same, give the same, and refuse with the same error.
    private func readTape(_ bytes: [UInt8]) {
        var (tree, refusal) = (Domain.JSON?.none, JSONError?.none)
        do throws(JSONError) { tree = try Domain.JSON(parsing: bytes) } catch { refusal = error }
        var tape = JSONTape()
        do throws(JSONError) {
            _ = try tape.append(Array(#"{"before":[1,"\n"]}"#.utf8))
            let node = try tape.append(bytes)
            guard let tree else { preconditionFailure("a tape accepts what a tree refuses") }
            precondition(isSame(node, tape, tree))
        } catch {
            precondition(error == refusal)
        }
    }

    private func isSame(_ node: JSONTape.Node, _ tape: JSONTape, _ tree: Domain.JSON) -> Bool {
        switch tree {
        case .null: return tape.string(node) == nil && tape.elements(of: node) == nil
        case .bool(let flag): return tape.bool(node) == flag
        case .string(let text): return tape.string(node) == text
        case .number: return tape.int(node) == tree.int
        case .array(let elements):
            guard let nodes = tape.elements(of: node), nodes.count == elements.count else {
                return false
            }
            return zip(nodes, elements).allSatisfy { isSame($0, tape, $1) }
        case .object(let members):
            guard let nodes = tape.members(of: node), nodes.count == members.count else {
                return false
            }
            return zip(nodes, members).allSatisfy {
                $0.name == $1.name && isSame($0.value, tape, $1.value)
            }
        }
    }

    private func readLeaf(_ bytes: [UInt8]) {
        guard let event = Leaf.decode(bytes, position: 1) else { return }
        precondition(Leaf.encode(event) == bytes)
    }

    /// A refusal is what most inputs deserve.
    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch {}
    }
}

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Subject.chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private typealias Arguments =
    UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: Arguments,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Where the program begins: the package manager gives `main` this name.
@_cdecl("Fuzz_main")
public func fuzzMain(
    _ count: CInt,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments, fuzzOne)
}
