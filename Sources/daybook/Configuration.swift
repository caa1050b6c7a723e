import Domain
import Foundation
import Salesforce
import Yams

/// A configuration that cannot be used.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
}

/// What `daybook.yaml`, the environment and the defaults say.
///
/// The environment wins over the file. Secrets come from the environment only, directly or as
/// `…_FILE`; they never stand in the file or on the command line.
struct Configuration {
    var ledger = "daybook.sqlite"
    var ledgerKeyFile: String?
    var signingKeyFile: String?
    /// The longest time between two checkpoints while events come in: seconds.
    var checkpointSeconds = 60
    /// How long backups and exports are kept at most, as erasure receipts say: days.
    var backupDays = 30
    var instanceURL: String?
    var apiVersion = "62.0"
    var logIn = LogInConfiguration()
    var keyField = OrgSchema.keyField
    /// From how many writes of one kind on a job of Bulk API 2.0 is made; nil for never.
    var bulkThreshold: Int? = WritePaths.usualThreshold
    var budget = APIBudget()
    var mostParallel = 4
    var calcom = CalComConfiguration()
    var service = ServiceConfiguration()
    var host = "127.0.0.1"
    var port = 8_484
    /// Whether `serve` writes to Salesforce, too.
    var isSyncing = false
    /// Fields that are neither written nor reported as drift, as `<object>.<field>`.
    var ignored: [String] = []
    private let environment: [String: String]

    /// Loads the configuration.
    ///
    /// - Parameters:
    ///   - path: The file; without one `DAYBOOK_CONFIG`, else `daybook.yaml` if it is there.
    ///   - environment: The environment.
    /// - Returns: The configuration.
    /// - Throws: ``ConfigurationError`` naming the key that does not fit.
    static func load(
        _ path: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Configuration {
        var configuration = Configuration(environment: environment)
        let named = path ?? environment["DAYBOOK_CONFIG"]
        let file = named ?? "daybook.yaml"
        if FileManager.default.fileExists(atPath: file) {
            try configuration.read(try YAMLDocument.json(file: file), file: file)
        } else if named != nil {
            throw ConfigurationError(
                description: """
                    There is no configuration file at '\(file)'. Write one with 'daybook init', or \
                    correct --config or DAYBOOK_CONFIG.
                    """
            )
        }
        try configuration.readEnvironment()
        return configuration
    }

    private init(environment: [String: String]) { self.environment = environment }

    // MARK: The file

    private mutating func read(_ json: JSON, file: String) throws {
        if json == .null { return }
        let root = try ConfigurationNode(json, path: "", file: file)
        try root.allow([
            "ledger", "ledgerKey", "ledgerSigningKey", "checkpointSeconds", "backupDays",
            "salesforce", "calcom", "server", "alerts", "ignore",
        ])
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        if let path = try root.text("ledger") { ledger = Self.resolve(path, in: folder) }
        if let path = try root.text("ledgerKey") { ledgerKeyFile = Self.resolve(path, in: folder) }
        if let path = try root.text("ledgerSigningKey") {
            signingKeyFile = Self.resolve(path, in: folder)
        }
        checkpointSeconds = try root.integer("checkpointSeconds") ?? checkpointSeconds
        backupDays = try root.integer("backupDays") ?? backupDays
        ignored = try root.texts("ignore") ?? ignored
        if let salesforce = try root.child("salesforce") {
            try read(salesforce: salesforce, folder)
        }
        if let calcom = try root.child("calcom") {
            try self.calcom.read(calcom)
        }
        if let server = try root.child("server") {
            try server.allow([
                "host", "port", "sync", "limits", "logFormat", "logLevel", "trustedProxies",
            ])
            try service.read(server: server)
            host = try server.text("host") ?? host
            port = try server.integer("port") ?? port
            isSyncing = try server.flag("sync") ?? isSyncing
        }
        if let alerts = try root.child("alerts") { try service.read(alerts: alerts) }
    }

    private mutating func read(salesforce: ConfigurationNode, _ folder: URL) throws {
        try salesforce.allow([
            "instanceURL", "apiVersion", "auth", "keyField", "bulkThreshold", "apiBudget",
        ])
        instanceURL = try salesforce.text("instanceURL")
        apiVersion = try salesforce.text("apiVersion") ?? apiVersion
        keyField = try salesforce.text("keyField").map { FieldName($0) } ?? keyField
        if let text = try salesforce.text("bulkThreshold") {
            bulkThreshold = try Self.threshold(text, "'salesforce.bulkThreshold'")
        }
        if let budget = try salesforce.child("apiBudget") { try read(budget: budget) }
        guard let auth = try salesforce.child("auth") else { return }
        try logIn.read(auth)
        logIn.keyFile = logIn.keyFile.map { Self.resolve($0, in: folder) }
    }

    private mutating func read(budget node: ConfigurationNode) throws {
        try node.allow(["reservePercent", "perRun", "parallel"])
        budget = APIBudget(
            reservePercent: try node.integer("reservePercent", 0...100) ?? budget.reservePercent,
            mostPerRun: try node.integer("perRun", 1...1_000_000) ?? budget.mostPerRun
        )
        mostParallel = try node.integer("parallel", 1...25) ?? mostParallel
    }

    private static func resolve(_ path: String, in folder: URL) -> String {
        URL(fileURLWithPath: path, relativeTo: folder).path
    }

    /// A number of writes; 0 means never.
    private static func threshold(_ text: String, _ place: String) throws -> Int? {
        guard let number = Int(text), number >= 0 else {
            throw ConfigurationError(
                description: """
                    \(place) is '\(text)', and has to be a number of writes, or 0 to make no jobs \
                    of Bulk API 2.0 at all.
                    """
            )
        }
        return number == 0 ? nil : number
    }

    // MARK: The environment

    private mutating func readEnvironment() throws {
        ledger = environment["DAYBOOK_LEDGER"] ?? ledger
        ledgerKeyFile = environment["DAYBOOK_LEDGER_KEY_FILE"] ?? ledgerKeyFile
        signingKeyFile = environment["DAYBOOK_LEDGER_SIGNING_KEY_FILE"] ?? signingKeyFile
        checkpointSeconds =
            try number("DAYBOOK_CHECKPOINT_SECONDS", 1...86_400) ?? checkpointSeconds
        backupDays = try number("DAYBOOK_BACKUP_DAYS", 0...36_500) ?? backupDays
        guard checkpointSeconds > 0, backupDays >= 0 else {
            throw ConfigurationError(
                description: "'checkpointSeconds' is at least 1, and 'backupDays' at least 0."
            )
        }
        instanceURL = environment["DAYBOOK_SALESFORCE_INSTANCE_URL"] ?? instanceURL
        apiVersion = environment["DAYBOOK_SALESFORCE_API_VERSION"] ?? apiVersion
        try logIn.read(environment)
        keyField = environment["DAYBOOK_SALESFORCE_KEY_FIELD"].map { FieldName($0) } ?? keyField
        if let text = environment["DAYBOOK_SALESFORCE_BULK_THRESHOLD"] {
            bulkThreshold = try Self.threshold(text, "DAYBOOK_SALESFORCE_BULK_THRESHOLD")
        }
        budget = APIBudget(
            reservePercent: try number("DAYBOOK_SALESFORCE_API_RESERVE_PERCENT", 0...100)
                ?? budget.reservePercent,
            mostPerRun: try number("DAYBOOK_SALESFORCE_API_PER_RUN", 1...1_000_000)
                ?? budget.mostPerRun
        )
        mostParallel = try number("DAYBOOK_SALESFORCE_API_PARALLEL", 1...25) ?? mostParallel
        try calcom.read(environment: environment)
        try service.read(environment: environment)
        host = environment["DAYBOOK_SERVER_HOST"] ?? host
        if let text = environment["DAYBOOK_SERVER_SYNC"] {
            guard let flag = Bool(text) else {
                throw ConfigurationError(description: "DAYBOOK_SERVER_SYNC is true or false.")
            }
            isSyncing = flag
        }
        if let names = environment["DAYBOOK_IGNORE"] {
            ignored = names.split(separator: ",").map { String($0).trimmingWhitespace() }
        }
        if let text = environment["DAYBOOK_SERVER_PORT"] {
            guard let number = Int(text), (0...65_535).contains(number) else {
                throw ConfigurationError(description: "DAYBOOK_SERVER_PORT is no port number.")
            }
            port = number
        }
    }

    private func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = environment[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                description:
                    "\(name) has to be a number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }

    /// A value of the environment; nil if it is not set or empty.
    func value(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The public keys of witnesses: those given, else those in DAYBOOK_WITNESSES.
    func witnesses(_ given: [String]) -> [String] {
        given.isEmpty
            ? (environment["DAYBOOK_WITNESSES"] ?? "").split(separator: " ").map(String.init)
            : given
    }

    /// A secret from the environment: directly, or from the file that `NAME_FILE` names.
    func secret(_ name: String) throws -> String? {
        if let value = value(name) { return value }
        guard let path = environment["\(name)_FILE"], !path.isEmpty else { return nil }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8).trimmingWhitespace()
            return text.isEmpty ? nil : text
        } catch {
            throw ConfigurationError(
                description: """
                    \(name)_FILE names '\(path)', which cannot be read. Correct the path, or let \
                    this user read the file.
                    """
            )
        }
    }
}

/// Reads one level of the configuration file and names what does not fit.
struct ConfigurationNode {
    private let members: [JSON.Member]
    private let path: String
    private let file: String

    init(_ json: JSON, path: String, file: String) throws {
        guard let members = json.members else {
            throw ConfigurationError(
                description:
                    "'\(path.isEmpty ? "the document" : path)' in \(file) has to be a list of keys."
            )
        }
        (self.members, self.path, self.file) = (members, path, file)
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func allow(_ keys: [String]) throws {
        guard let unknown = members.first(where: { !keys.contains($0.name) }) else { return }
        throw ConfigurationError(
            description: """
                \(file) has the unknown key '\(place(unknown.name))'. Known here are \
                \(keys.joined(separator: ", ")).
                """
        )
    }

    private func value(_ key: String) -> JSON? {
        members.last { $0.name == key && $0.value != .null }?.value
    }

    func text(_ key: String) throws -> String? {
        switch value(key) {
        case nil: return nil
        case .string(let text)?: return text
        case .number(let digits)?: return digits
        default: throw ConfigurationError(description: "'\(place(key))' in \(file) has to be text.")
        }
    }

    func texts(_ key: String) throws -> [String]? {
        guard let value = value(key) else { return nil }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw ConfigurationError(
                description: "'\(place(key))' in \(file) has to be a list of texts."
            )
        }
        return texts
    }

    func integers(_ key: String) throws -> [Int]? {
        guard let value = value(key) else { return nil }
        let numbers = value.array?.compactMap(\.int)
        guard let numbers, numbers.count == value.array?.count else {
            throw ConfigurationError(
                description: "'\(place(key))' in \(file) has to be a list of numbers."
            )
        }
        return numbers
    }

    func integer(_ key: String) throws -> Int? {
        guard let text = try text(key) else { return nil }
        guard let number = Int(text) else {
            throw ConfigurationError(description: "'\(place(key))' in \(file) has to be a number.")
        }
        return number
    }

    func flag(_ key: String) throws -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool else {
            throw ConfigurationError(
                description: "'\(place(key))' in \(file) has to be true or false."
            )
        }
        return flag
    }

    func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let number = try integer(key) else { return nil }
        guard range.contains(number) else {
            throw ConfigurationError(
                description: """
                    '\(place(key))' in \(file) has to be from \(range.lowerBound) to \
                    \(range.upperBound).
                    """
            )
        }
        return number
    }

    func child(_ key: String) throws -> ConfigurationNode? {
        try value(key).map { try ConfigurationNode($0, path: place(key), file: file) }
    }
}
