import CalCom
import Domain
import Foundation
import Journal
import Logging
import Pipeline
import Server
import ServiceLifecycle

extension Session {
    /// What runs beside the server: readings of Cal.com and alerts, where they are configured.
    func watchers(
        _ board: SchedulerBoard?,
        _ configuration: Configuration,
        _ logger: Logger
    ) throws -> [any Service] {
        var watchers: [any Service] = []
        if configuration.calcom.pollSeconds > 0, try hasCalComKey() {
            let poll = sourcePoll(try calCom())
            watchers.append(
                SourceWatcher(
                    interval: .seconds(configuration.calcom.pollSeconds),
                    poll: { try await poll.run(.changes) },
                    pause: { try await Task.sleep(for: $0) },
                    logger: logger
                )
            )
        }
        let senders = try alertSenders(configuration)
        if !senders.isEmpty {
            let service = configuration.service
            watchers.append(
                AlertWatcher(
                    journal: journal,
                    board: board,
                    lagSeconds: service.lagSeconds,
                    patience: Int64(service.alertAfterSeconds) * 1_000,
                    interval: .seconds(service.alertEverySeconds),
                    now: Self.now,
                    pause: { try await Task.sleep(for: $0) },
                    receivers: senders.map { sender in { try await sender.send($0) } },
                    logger: logger
                )
            )
        }
        return watchers
    }

    private func alertSenders(_ configuration: Configuration) throws -> [AlertSender] {
        var senders: [AlertSender] = []
        let names: [(String, AlertSender.Form)] = [
            (ServiceConfiguration.alertURL, .json), (ServiceConfiguration.slackURL, .slack),
        ]
        for (name, form) in names {
            guard let text = try configuration.secret(name) else { continue }
            do {
                let address = try AlertAddress(
                    text,
                    allowsLoopback: configuration.service.allowsLoopbackAlerts
                )
                senders.append(AlertSender(form: form, address: address))
            } catch {
                throw ConfigurationError(description: "\(name): \(error)")
            }
        }
        return senders
    }
}

extension SourceMark {
    /// How reading Cal.com stands, for `/readyz`.
    var readiness: JSON {
        .compact([
            ("state", .string(problem == nil ? "in-step" : "troubled")),
            ("reason", problem.map(JSON.string)),
            ("readUntil", .string(mark.rfc3339Seconds)),
            ("lastPoll", .string(polled.rfc3339Seconds)),
            ("lastFound", .integer(found)),
        ])
    }
}

/// How many files and connections the process may have open.
enum OpenFiles {
    /// How many are kept for the ledger and connections outward.
    static let reserve = 128

    /// Raises the limit to what the system allows without asking.
    ///
    /// - Returns: The limit then.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(Self.resource, &limit) == 0 else { return 1_024 }
        var wanted = limit
        wanted.rlim_cur = min(limit.rlim_max, 65_536)
        if wanted.rlim_cur > limit.rlim_cur, setrlimit(Self.resource, &wanted) == 0 {
            limit = wanted
        }
        return max(reserve + 64, Int(min(limit.rlim_cur, 1_000_000)))
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
