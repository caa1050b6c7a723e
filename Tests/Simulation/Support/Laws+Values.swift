import Domain

// What fields of other types than text hold, and fields with other policies than `always`.
extension Laws {
    /// Whether a field of an event record shows what another policy than `always` leaves there.
    ///
    /// The uid that came first stays with `whenEmpty`, whichever of the appointment's was told
    /// first; with `sticky`, what a person put there.
    func isOtherwiseRight(
        _ live: JSON,
        _ field: String,
        _ meeting: NaiveModel.Meeting,
        isTouched: Bool
    ) -> Bool {
        switch SimulatedSettings.eventPolicies.first(where: { $0.field == field })?.policy {
        case "whenEmpty": isTouched || meeting.uids.contains(live.string ?? "")
        case "sticky": isTouched
        default: false
        }
    }

    /// Whether a field shows what an automation made of a value in the same breath: that is what
    /// Daybook saw after its write, and nobody's edit.
    func isEchoed(_ record: SalesforceID, _ field: String, _ value: JSON) -> Bool {
        let last = shown(record, field).suffix(2)
        guard let sent = last.first, let echo = last.last, sent.editor == .daybook,
            echo.editor == .person
        else { return false }
        return echo.time == sent.time && sent.after == SimulatedOrg.kept(field, value)
    }

    /// The changes that led to what a field shows: those of the lead, where a contact that was made
    /// of it still shows what it came with.
    private func shown(_ record: SalesforceID, _ field: String) -> [SimulatedOrg.Change] {
        let own = changes(record, field)
        let lead = org.records.values.first {
            $0.fields["ConvertedContactId"]?.string == record.rawValue
        }
        guard let lead, let first = own.first, own.count == 1, first.isCreation else { return own }
        return changes(lead.id, field).filter { $0.time <= first.time }
    }

    /// Whether nothing tells the form that the org gave a value of Daybook's from an edit, so that
    /// what is told late of an earlier time does not replace it.
    ///
    /// Somebody changed the record after the write, and the write's answer was lost, or what became
    /// of it could not be read back before. What is newer than the write is written all the same.
    func isTakenForEdited(
        _ record: SalesforceID,
        _ field: String,
        _ wish: NaiveModel.Wish
    ) -> Bool {
        guard SimulatedOrg.isReformed(field), let written = changes(record, field).last,
            written.editor == .daybook, written.isAnswerLost || written.isUnseen
        else { return false }
        let isEdited = changes(record).contains {
            $0.editor == .person && $0.time > written.time
        }
        return isEdited && !(wish.isLive && isAfter(wish.since, written.time))
    }

    /// Moments, look-ups and checkboxes say what the newest booking of a person says.
    mutating func checkTypes(_ record: SimulatedOrg.Record, _ email: String, _ name: String) {
        let newest = model.wishes(of: email, "Size__c").last
        for field in ["Demo_Begin__c", "Demo_Made__c", "Demo_Host__c", "Has_Demo__c"] {
            guard let wish = model.wishes(of: email, field).last, wish.number == newest?.number
            else { continue }
            let host = user(wish.value).map(JSON.string)
            // A host who is no user of the org stands nowhere: what was there stays.
            guard let wanted = field == "Demo_Host__c" ? host : wish.value else { continue }
            // A checkbox is never empty: what it shows was there before a replay.
            if !wish.isLive, record.creator == .person { continue }
            let touch = lastTouch(record.id, field)
            if let touch, !(wish.isLive && isAfter(wish.since, touch)) { continue }
            // A write that was not read back is dated by the machine's clock, which may be wrong.
            let isDatedByUs = changes(record.id, field).contains(where: \.isUnseen)
            if touch != nil, isDatedByUs { continue }
            let live = record.fields[field] ?? .null
            if live != wanted { broke("\(name).\(field) is \(live.text), not \(wanted.text)") }
        }
        // Nobody's policy leaves a value of ours that an older booking put there.
        if lastTouch(record.id, "Mixed_Size__c") == nil {
            check(record, email, "Mixed_Size__c", "protect", name)
        }
    }

    /// Whatever Daybook makes has what the settings give to new records of its object.
    mutating func checkCreationDefaults() {
        let made = org.records.values.filter { $0.creator == .daybook }.map(\.id).sorted()
        for id in made {
            let origin = changes(id, "Origin__c").first { $0.isCreation }?.after.string
            if origin != settings.origin {
                broke("a record was made with \(origin ?? "nothing") for its origin")
            }
        }
    }
}
