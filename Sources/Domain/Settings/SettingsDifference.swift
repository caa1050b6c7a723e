/// One place at which two settings documents differ.
public struct SettingsDifference: Hashable, Sendable {
    /// The place, for example `onBooking/attendee/LeadSource/when`.
    public var path: String
    /// What stood there; nil for nothing.
    public var before: JSON?
    /// What stands there now; nil for nothing.
    public var after: JSON?

    /// Compares two settings in the form of documents.
    ///
    /// - Parameters:
    ///   - before: The older settings; nil for none.
    ///   - after: The newer settings; nil for none.
    /// - Returns: The places that differ, by path; none for settings that mean the same.
    public static func between(_ before: SyncSettings?, _ after: SyncSettings?) -> [Self] {
        var found: [Self] = []
        collect(
            before.map(SettingsDocument.encode),
            after.map(SettingsDocument.encode),
            path: "",
            into: &found
        )
        return found.sorted { $0.path < $1.path }
    }

    private static func collect(
        _ before: JSON?,
        _ after: JSON?,
        path: String,
        into found: inout [Self]
    ) {
        guard before != after else { return }
        let (old, new) = (before?.members, after?.members)
        guard old != nil || new != nil, before == nil || old != nil, after == nil || new != nil
        else {
            found.append(Self(path: path, before: before, after: after))
            return
        }
        let names = Set((old ?? []).map(\.name)).union((new ?? []).map(\.name)).sorted()
        guard !names.isEmpty else {
            // Settings that say nothing, and no settings at all, are not the same.
            found.append(Self(path: path, before: before, after: after))
            return
        }
        for name in names {
            collect(
                before?.present(name),
                after?.present(name),
                path: path.isEmpty ? name : "\(path)/\(name)",
                into: &found
            )
        }
    }
}
