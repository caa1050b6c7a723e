extension StandardObjects {
    /// The fields of `Account`, as recorded from a describe.
    ///
    /// The columns are explained at ``FieldTable``.
    static let accountFields = """
        Id                      id              FSGDi
        IsDeleted               boolean         FSGD
        MasterRecordId          reference       FSGN      Account→MasterRecord
        Name                    string(255)     CUFSG
        Type                    picklist(40)    CUFSGN    @accountTypes
        ParentId                reference       CUFSGN    Account→Parent
        BillingStreet           textarea(255)   CUFSGN
        BillingCity             string(40)      CUFSGN
        BillingState            string(80)      CUFSGN
        BillingPostalCode       string(20)      CUFSGN
        BillingCountry          string(80)      CUFSGN
        BillingLatitude         double(18.15)   CUFSN
        BillingLongitude        double(18.15)   CUFSN
        BillingGeocodeAccuracy  picklist(40)    CUFSGNr   @geocode
        BillingAddress          address         FN
        ShippingStreet          textarea(255)   CUFSGN
        ShippingCity            string(40)      CUFSGN
        ShippingState           string(80)      CUFSGN
        ShippingPostalCode      string(20)      CUFSGN
        ShippingCountry         string(80)      CUFSGN
        ShippingLatitude        double(18.15)   CUFSN
        ShippingLongitude       double(18.15)   CUFSN
        ShippingGeocodeAccuracy picklist(40)    CUFSGNr   @geocode
        ShippingAddress         address         FN
        Phone                   phone(40)       CUFSGN
        Fax                     phone(40)       CUFSGN
        AccountNumber           string(40)      CUFSGN
        Website                 url(255)        CUFSGN
        PhotoUrl                url(255)        FSGN
        Sic                     string(20)      CUFSGN
        Industry                picklist(40)    CUFSGN    @industries
        AnnualRevenue           currency(18.0)  CUFSN
        NumberOfEmployees       int(8)          CUFSGN
        Ownership               picklist(40)    CUFSGN    Public;Private;Subsidiary;Other
        TickerSymbol            string(20)      CUFSGN
        Description             textarea(32000) CUN
        Rating                  picklist(40)    CUFSGN    Hot;Warm;Cold
        Site                    string(80)      CUFSGN
        OwnerId                 reference       CUFSGD    User→Owner
        CreatedDate             datetime        FSD
        CreatedById             reference       FSGD      User→CreatedBy
        LastModifiedDate        datetime        FSD
        LastModifiedById        reference       FSGD      User→LastModifiedBy
        SystemModstamp          datetime        FSD
        LastActivityDate        date            FSGN
        LastViewedDate          datetime        FSN
        LastReferencedDate      datetime        FSN
        IsPartner               boolean         UFSGD
        IsCustomerPortal        boolean         UFSGD
        ChannelProgramName      string(255)     GN
        ChannelProgramLevelName string(255)     GN
        Jigsaw                  string(20)      CUFSGN
        CleanStatus             picklist(40)    CUFSGNr   @cleanStatuses
        AccountSource           picklist(40)    CUFSGN    @sources
        DunsNumber              string(9)       CUFSGN
        Tradestyle              string(255)     CUFSGN
        NaicsCode               string(8)       CUFSGN
        NaicsDesc               string(120)     CUFSGN
        YearStarted             string(4)       CUFSGN
        SicDesc                 string(80)      CUFSGN
        DandbCompanyId          reference       CUFSGN    DandBCompany→DandbCompany
        OperatingHoursId        reference       CUFSGN    OperatingHours→OperatingHours
        """
}
