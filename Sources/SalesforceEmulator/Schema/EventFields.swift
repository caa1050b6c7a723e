extension StandardObjects {
    /// The fields of `Event`, as recorded from a describe.
    ///
    /// The columns are explained at ``FieldTable``.
    static let eventFields = """
        Id                          id              FSGDi
        WhoId                       reference       CUFSGN    Contact,Lead→Who
        WhatId                      reference       CUFSGN  Account,Opportunity,Routing_Miss__c→What
        Subject                     combobox(255)   CUFSN     @subjects
        Location                    string(255)     CUFSGN
        IsAllDayEvent               boolean         CUFSGD
        ActivityDateTime            datetime        CUFSN
        ActivityDate                date            CUFSGN
        DurationInMinutes           int(8)          CUFSGN
        StartDateTime               datetime        CUFSN
        EndDateTime                 datetime        CUFSN
        EndDate                     date            FSGN
        Description                 textarea(32000) CUN
        AccountId                   reference       FSGN      Account→Account
        OwnerId                     reference       CUFSGD    Calendar,User→Owner
        IsPrivate                   boolean         CUFSGD
        ShowAs                      picklist(40)    CUFSGNDr  *Busy;OutOfOffice;Free
        IsDeleted                   boolean         FSGD
        IsChild                     boolean         FSGD
        IsGroupEvent                boolean         FSGD
        GroupEventType              picklist(40)    FSGNDr    *0;1;2;3
        CreatedDate                 datetime        FSD
        CreatedById                 reference       FSGD      User→CreatedBy
        LastModifiedDate            datetime        FSD
        LastModifiedById            reference       FSGD      User→LastModifiedBy
        SystemModstamp              datetime        FSD
        IsArchived                  boolean         FSGD
        RecurrenceActivityId        reference       FSGN      Event
        IsRecurrence                boolean         CFSGD
        RecurrenceStartDateTime     datetime        CUFSN
        RecurrenceEndDateOnly       date            CUFSGN
        RecurrenceTimeZoneSidKey    picklist(40)    CUFSGNr   @timezones
        RecurrenceType              picklist(40)    CUFSGNr   @recurrences
        RecurrenceInterval          int(9)          CUFSGN
        RecurrenceDayOfWeekMask     int(9)          CUFSGN
        RecurrenceDayOfMonth        int(9)          CUFSGN
        RecurrenceInstance          picklist(40)    CUFSGNr   First;Second;Third;Fourth;Last
        RecurrenceMonthOfYear       picklist(40)    CUFSGNr   @months
        ReminderDateTime            datetime        CUFSN
        IsReminderSet               boolean         CUFSGD
        EventSubtype                picklist(40)    CFSGNr    Event
        IsRecurrence2Exclusion      boolean         FSGD
        Recurrence2PatternText      textarea(512)   CN
        Recurrence2PatternVersion   picklist(40)    FSGNr     1;2
        IsRecurrence2               boolean         FSGD
        IsRecurrence2Exception      boolean         FSGD
        Recurrence2PatternStartDate datetime        FSN
        Recurrence2PatternTimeZone  string(255)     FSGN
        """
}
